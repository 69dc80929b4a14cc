import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sparticuz, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * Chromium without a screen, from npm, with WebGL drawn in software: for tests and pictures on a
 * machine that has Node and nothing else. The libraries that a bare system may lack come with it.
 * The first call on a machine unpacks it into the temporary folder (some seconds, 300 MB); calls at the same time do no harm.
 * Close what is returned.
 */
export async function openBrowser(): Promise<Browser> {
  const folder = await unpackedChromium();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-domain-reliability',
      '--font-render-hinting=none',
      '--ignore-gpu-blocklist',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
    env: {
      ...(process.env as Record<string, string>),
      FONTCONFIG_FILE: join(folder, 'p2p-power-fonts.conf'),
      // What the system has leads; the libraries of the package fill the gaps.
      LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, ...systemLibraries, join(folder, 'al2023', 'lib')]
        .filter(Boolean)
        .join(':'),
    },
  });
}

const systemLibraries = ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu', '/usr/lib64', '/lib64'];

async function unpackedChromium(): Promise<string> {
  const chromiumPackage = fileURLToPath(new URL('..', import.meta.resolve('@sparticuz/chromium')));
  const { version } = JSON.parse(await readFile(join(chromiumPackage, 'package.json'), 'utf8'));
  const folder = join(tmpdir(), `p2p-power-chromium-${version}`);
  if (existsSync(folder)) return folder;
  const partial = await mkdtemp(`${folder}-`);
  const bin = join(chromiumPackage, 'bin');
  // The package unpacks into the temporary folder of the process, whatever that is at the moment.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = partial;
  try {
    await sparticuz.executablePath(bin);
    await inflate(join(bin, 'al2023.tar.br'));
    await writeFile(join(partial, 'p2p-power-fonts.conf'), fontConfiguration(folder));
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  try {
    await rename(partial, folder);
  } catch (fault) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw fault;
  }
  return folder;
}

/** The package's own font for everything that asks for the system's; the system's fonts for what it lacks. */
function fontConfiguration(folder: string): string {
  const alias = (family: string, preferred: string) =>
    `<alias binding="strong"><family>${family}</family><prefer><family>${preferred}</family></prefer></alias>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(folder, 'fonts')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir>
${alias('sans-serif', 'Open Sans')}${alias('system-ui', 'Open Sans')}${alias('monospace', 'DejaVu Sans Mono')}
</fontconfig>`;
}
