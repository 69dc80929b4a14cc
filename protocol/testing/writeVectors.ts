import { mkdirSync, writeFileSync } from 'node:fs';
import { goldenVectors } from './goldenVectors.ts';

/** Writes the golden vectors anew: `node protocol/testing/writeVectors.ts`. A test compares what is committed. */
const folder = new URL('../../vectors/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(await goldenVectors()))
  writeFileSync(new URL(name, folder), `${JSON.stringify(content, null, 1)}\n`);
