import type { Reading } from '@p2p-power/protocol/Readings';
import type { Sample } from './ChargeRecord.ts';
import { powerSlots } from './chargeFacts.ts';

/** The mean power between readings, never more than the point offered, as a stepped curve: two samples an interval. */
export function samplesOfReadings(readings: readonly Reading[], maxPowerW: number): readonly Sample[] {
  return powerSlots(readings, maxPowerW).flatMap(({ from, to, value }, index) => [
    { at: from, powerW: value, energyWh: (readings[index] as Reading).importWh },
    { at: to, powerW: value, energyWh: (readings[index + 1] as Reading).importWh },
  ]);
}
