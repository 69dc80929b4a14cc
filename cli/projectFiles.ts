import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Berlin register, as it ships with the project. */
export const registerFile = join(root, 'data', 'stations', 'de_berlin_bnetza_2026-04.csv');
/** What a child process runs. */
export const commandFile = join(root, 'cli', 'p2p-power.ts');
/** Where `p2p-power up` keeps a network that is told no other folder. */
export const defaultDataFolder = join(root, '.p2p-power');
