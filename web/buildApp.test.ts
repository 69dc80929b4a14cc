import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildApp, sourcesHash } from './buildApp.ts';

const folder = mkdtempSync(join(tmpdir(), 'p2p-power-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the app is built once, and again only where sources changed; it is small and complete', async () => {
  const outDir = join(folder, 'app');
  expect(await buildApp({ outDir })).toEqual({ outDir, isNew: true });
  expect(await buildApp({ outDir })).toEqual({ outDir, isNew: false });
  expect(readdirSync(folder)).toEqual(['app']);
  expect(readFileSync(join(outDir, 'sources.sha256'), 'utf8')).toBe(await sourcesHash());

  const files = readdirSync(outDir);
  for (const name of ['index.html', 'sw.js', 'manifest.webmanifest', 'districts.json', 'icon-512.png'])
    expect(files).toContain(name);
  const assets = readdirSync(join(outDir, 'assets'));
  const isMap = (name: string) => /maplibre|PointsMap/.test(name);
  const isOpenedByFew = (name: string) => /^(OperatorPage|PricesPage|ProviderPage)-/.test(name);
  const kilobytes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + statSync(join(outDir, 'assets', name)).size, 0) / 1024;
  expect(assets.some(isMap)).toBe(true);
  expect(assets.filter(isOpenedByFew)).toHaveLength(3);
  expect(kilobytes(assets.filter((name) => !isMap(name) && !isOpenedByFew(name)))).toBeLessThan(750);
  expect(kilobytes(assets.filter(isOpenedByFew))).toBeLessThan(90);
  const page = readFileSync(join(outDir, 'index.html'), 'utf8');
  expect(page).not.toMatch(/PointsMap|OperatorPage|PricesPage|ProviderPage|https?:/);
  expect(readFileSync(join(outDir, 'sw.js'), 'utf8')).toContain('districts.json');
});
