import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const house = dirname(root.replace(/\/$/, ''));

/** Rooms whose code ends up in the app. */
const rooms = ['web', 'protocol', 'tariff', 'planning', 'provider/client'];

export interface BuiltApp {
  /** Where the files to be served are. */
  readonly outDir: string;
  /** False where what was there was still right. */
  readonly isNew: boolean;
}

/**
 * Builds the app into `outDir` (by default `web/dist`) unless what is there was built from exactly the
 * present sources: then it takes no longer than reading them. It is complete or not there at all, also
 * when two build at the same time.
 */
export async function buildApp(options: { readonly outDir?: string } = {}): Promise<BuiltApp> {
  const outDir = options.outDir ?? join(root, 'dist');
  const hash = await sourcesHash();
  const mark = join(outDir, 'sources.sha256');
  const isBuilt = async () => (await readFile(mark, 'utf8').catch(() => '')) === hash;
  if (await isBuilt()) return { outDir, isNew: false };

  const partial = `${outDir}.${process.pid}.partial`;
  const { build } = await import('vite');
  // Whoever calls, a test too, gets what people get.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: partial, emptyOutDir: true },
    });
    await writeFile(join(partial, 'sources.sha256'), hash);
    // Somebody else may have been quicker: what they built is as good, and is in use.
    if (await isBuilt()) return { outDir, isNew: false };
    await rm(outDir, { recursive: true, force: true });
    await rename(partial, outDir).catch(async (fault: unknown) => {
      if (!(await isBuilt())) throw fault;
    });
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
    await rm(partial, { recursive: true, force: true });
  }
  return { outDir, isNew: true };
}

/** SHA-256 over the names and contents of all sources that the app is built from. */
export async function sourcesHash(): Promise<string> {
  const files = (await Promise.all(rooms.map((room) => sourcesIn(join(house, room))))).flat();
  files.push(join(house, 'package-lock.json'));
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    hash.update(`${relative(house, file)}\0`);
    hash.update(await readFile(file).catch(() => ''));
  }
  return hash.digest('hex');
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter(
        ({ name }) => !/^(dist.*|node_modules|testing|bench|\..*)$/.test(name) && !/\.test\.tsx?$/.test(name),
      )
      .map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? sourcesIn(path) : [path];
      }),
  );
  return found.flat();
}
