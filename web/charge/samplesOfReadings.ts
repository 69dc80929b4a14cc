import type { Reading } from '@p2p-power/protocol/Readings';
import type { Sample } from './ChargeRecord.ts';

/** The mean power between readings as a stepped curve: two samples an interval. */
export function samplesOfReadings(readings: readonly Reading[]): readonly Sample[] {
  return readings.slice(1).flatMap((to, index) => {
    const from = readings[index] as Reading;
    const powerW = Math.round(((to.importWh - from.importWh) * 3600) / (to.at - from.at));
    return [
      { at: from.at, powerW, energyWh: from.importWh },
      { at: to.at, powerW, energyWh: to.importWh },
    ];
  });
}
