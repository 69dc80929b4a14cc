import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../Ports.ts';
import type { StationConfig } from '../StationConfig.ts';
import type { StationKey } from '../StationKeys.ts';
import type { MeterMemory, MeterMemoryStore } from './SimulatedMeter.ts';
import { type SimulatedPoint, simulatedPoint } from './SimulatedPoint.ts';
import { simulatedControlBox } from './simulatedControlBox.ts';

/** The simulated meter's memory as a file that survives a killed process, as a meter's chip would. */
export function meterMemoryFile(path: string): MeterMemoryStore {
  return {
    read: () => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as MeterMemory) : undefined),
    write(memory) {
      writeFileSync(`${path}.new`, JSON.stringify(memory));
      renameSync(`${path}.new`, path);
    },
  };
}

/** The simulated point of a station program; its meter's memory is `dataDir/meter.json`, its control box `dataDir/controlBox.json`. */
export function openSimulatedHardware(
  clock: Clock,
  dataDir: string,
  meterKey: StationKey,
  { car, speed, plugged, controlBox }: NonNullable<StationConfig['simulated']>,
): SimulatedPoint {
  const point = simulatedPoint(
    {
      clock,
      meterSigner: meterKey.signer,
      meterPublicKey: meterKey.spki,
      meterMemory: meterMemoryFile(join(dataDir, 'meter.json')),
    },
    { car, speed, isPlugged: plugged },
  );
  if (!controlBox) return point;
  const box = simulatedControlBox(join(dataDir, 'controlBox.json'));
  return { ...point, controlBox: box, dimmedToW: box.dimmedToW };
}
