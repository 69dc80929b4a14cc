import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Berlin register, as it ships with the project. */
export const registerFile = join(root, 'data', 'stations', 'de_berlin_bnetza_2026-04.csv');
/** Austrian day-ahead prices by quarter-hour, as they ship with the project. */
export const pricesFile = join(root, 'data', 'prices', 'at_dayahead_15min_energycharts.csv');
/** What a child process runs. */
export const commandFile = join(root, 'cli', 'p2p-power.ts');
/** Where `p2p-power up` keeps a network that is told no other folder. */
export const defaultDataFolder = join(root, '.p2p-power');
/** The charging sessions of Trondheim, as they ship. */
export const sessionsFile = join(root, 'data', 'sessions', 'trondheim_residential_sessions.csv');
/** Day-ahead prices, as they ship: Austrian quarter-hours of 2025/26, German hours of 2024. */
export const pricesFiles: readonly string[] = [
  join(root, 'data', 'prices', 'at_dayahead_15min_energycharts.csv'),
  join(root, 'data', 'prices', 'de_hourly_2024_ct_per_kwh.csv'),
];
