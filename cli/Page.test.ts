import { expect, test, vi } from 'vitest';
import { openPage, type Page } from './Page.ts';

function printed(write: (page: Page) => void, isTTY = false): string {
  let text = '';
  write(openPage({ write: (part) => (text += part), isTTY }));
  return text;
}

test('lays out sections, lines, facts and tables as plain text', () => {
  const text = printed((page) => {
    page.section('1  The charge');
    page.line('Anna plugs in.');
    page.fact('energy', '4.200 kWh');
    page.table(
      [
        ['what', 'amount'],
        ['energy', '2.10'],
      ],
      [1],
    );
  });
  expect(text).toMatchInlineSnapshot(`
    "
    1  The charge
    ─────────────
      Anna plugs in.
        energy                 4.200 kWh
        what    amount
        energy    2.10
    "
  `);
});

test('counts what held and what did not', () => {
  let text = '';
  const page = openPage({ write: (part) => (text += part) });
  expect(page.check(true, 'sums are zero')).toBe(true);
  expect(page.check(false, 'nothing is lost')).toBe(false);
  expect(page.checks).toEqual({ held: 1, broken: 1 });
  expect(text).toBe('  ✓ sums are zero\n  ✗ nothing is lost\n');
});

test('tells how long work took, and marks and passes on its failure', async () => {
  let text = '';
  let now = 0;
  const page = openPage({ write: (part) => (text += part) }, () => (now += 750));
  expect(await page.during('chain', async () => 7)).toBe(7);
  await expect(page.during('provider', () => Promise.reject(new Error('no port')))).rejects.toThrow(
    'no port',
  );
  expect(text).toBe('  ✓ chain (0.8 s)\n  ✗ provider\n');
});

test('colours only a terminal, and none that wants no colour (no-color.org)', () => {
  const write = (page: Page) => void page.check(true, 'yes');
  vi.stubEnv('NO_COLOR', undefined);
  expect(printed(write, false)).not.toContain('\u001b[');
  expect(printed(write, true)).toContain('\u001b[32m');
  vi.stubEnv('NO_COLOR', '1');
  expect(printed(write, true)).not.toContain('\u001b[');
  vi.unstubAllEnvs();
});
