import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file so that a kill or a power cut leaves the old or the new one, never half of it. */
export function writeFileDurably(path: string, content: string, mode: number): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', mode);
  writeSync(file, content);
  fsyncSync(file);
  closeSync(file);
  renameSync(draft, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
