import { readFileSync } from 'node:fs';
import { parseStationConfig } from '../StationConfig.ts';
import { runStation } from '../stationProgram.ts';

/** A station as a process of its own, for tests that kill it: `node stationProcess.ts CONFIG`. */
const config = parseStationConfig(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
if (!config.ok) throw new Error(config.detail);
const station = await runStation(config.value);
process.stdout.write(`${JSON.stringify({ url: station.url, linkUrl: station.linkUrl })}\n`);
process.once('SIGTERM', () => {
  void station.close();
});
