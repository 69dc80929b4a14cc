import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Reading } from '@p2p-power/protocol/Readings';
import { estimate } from '@p2p-power/tariff/price';
import type { ChartSlot } from '../design/chartScale.ts';

/** What a finished charge came to beside what was wished; Wh, W, micro-units with tax, epoch seconds. */
export interface ChargeFacts {
  /** When the car had its energy; the end where it never had any. */
  readonly readyAt: number;
  readonly exportedWh: number;
  /** The highest mean power between two readings. */
  readonly highestW: number;
  /** What the energy that stayed in the car would have cost charged at once at that power. */
  readonly atOnceMicro: number;
  /** That, less what was owed after the credit for energy given back; nothing where no energy stayed in the car. */
  readonly savedMicro?: number;
}

/** Ends that the charge itself brings about: charged at once it would have ended earlier, and nothing was parked. */
const endsWhenDone: readonly string[] = ['energy-reached', 'amount-reached'];

/**
 * Recomputes from the evidence what the wishes brought: the same energy from the first reading on, without a pause, at
 * the highest power that was seen, under the same tariff and the same promised prices. Where the car stood there
 * until somebody ended the charge, it would have stood there after charging at once too.
 */
export function chargeFacts({ readings, cdr, offer, tariff, prices }: Evidence): ChargeFacts {
  const { chargeMicro, creditMicro, endReason, endedAt } = cdr.value;
  const first = readings[0] as Reading;
  const last = readings.at(-1) as Reading;
  const exportedWh = last.exportWh - first.exportWh;
  const energyWh = Math.max(0, last.importWh - first.importWh - exportedWh);
  const slots = powerSlots(readings, offer.value.maxPowerW);
  const highestW = Math.max(1, ...slots.map(({ value }) => value));
  const readyAt = slots.findLast(({ value }) => value > 0)?.to ?? endedAt;
  const doneAt = first.at + Math.ceil((energyWh * 3_600) / highestW);
  const atOnceMicro = estimate(tariff, {
    timeZone: offer.value.timeZone,
    startAt: first.at,
    energyWh,
    powerW: highestW,
    parkingS: endsWhenDone.includes(endReason) ? 0 : Math.max(0, last.at - doneAt),
    ...(prices && { prices }),
  }).inclVatMicro;
  const savedMicro = atOnceMicro - (chargeMicro - creditMicro);
  return { readyAt, exportedWh, highestW, atOnceMicro, ...(energyWh > 0 && { savedMicro }) };
}

/**
 * The mean power between readings, W; negative where more was given back than drawn. Never more than the point offered:
 * whole Wh over a few seconds may seem to be.
 */
export function powerSlots(readings: readonly Reading[], maxPowerW: number): readonly Required<ChartSlot>[] {
  return readings.slice(1).map((to, index) => {
    const from = readings[index] as Reading;
    const energyWh = to.importWh - from.importWh - (to.exportWh - from.exportWh);
    const meanW = Math.round((energyWh * 3_600) / (to.at - from.at));
    return { from: from.at, to: to.at, value: Math.max(-maxPowerW, Math.min(maxPowerW, meanW)) };
  });
}
