import type { BatteryState } from '@p2p-power/planning/sessionDischarge';
import type { SessionTerms } from '@p2p-power/planning/sessionWish';
import type { ChartSlot, Stretch } from '../design/chartScale.ts';

/** What the driver says of the car: usable energy in Wh, level now in per mille of it. */
export interface StatedCar {
  readonly batteryWh: number;
  readonly levelPerMille: number;
}

/** What nobody says is assumed, rather too much than too little: losses each way, and the wear of a kWh given back. */
export const assumedLoss = { chargePerMille: 930, dischargePerMille: 930, wearMicroPerKwh: 50_000 } as const;

/**
 * The battery to plan with before the station has asked the car; undefined where the driver did not say, or what cannot be.
 * Both ways with as much power as the point has.
 */
export function statedBattery(
  { batteryWh, levelPerMille }: Partial<StatedCar>,
  { maxPowerW }: Pick<SessionTerms, 'maxPowerW'>,
): BatteryState | undefined {
  if (batteryWh === undefined || batteryWh <= 0) return undefined;
  if (levelPerMille === undefined || levelPerMille < 0 || levelPerMille > 1_000) return undefined;
  return {
    levelWh: Math.floor((batteryWh * levelPerMille) / 1_000),
    capacityWh: batteryWh,
    maxChargeW: maxPowerW,
    maxDischargeW: maxPowerW,
    ...assumedLoss,
  };
}

const QUARTER_S = 900;
const WS_PER_WH = 3_600;

/** What is in the battery by a plan, in percent, at the end of each quarter-hour of a span; for a chart. */
export function batterySlots(
  slots: readonly (Stretch & { readonly powerW: number })[],
  battery: BatteryState,
  span: Stretch,
): readonly Required<ChartSlot>[] {
  const { capacityWh, chargePerMille, dischargePerMille } = battery;
  const rows: Required<ChartSlot>[] = [];
  let levelWs = battery.levelWh * WS_PER_WH;
  for (let { from } = span; from < span.to; ) {
    const to = Math.min(span.to, (Math.floor(from / QUARTER_S) + 1) * QUARTER_S);
    for (const slot of slots) {
      const seconds = Math.max(0, Math.min(slot.to, to) - Math.max(slot.from, from));
      levelWs +=
        slot.powerW > 0
          ? (seconds * slot.powerW * chargePerMille) / 1_000
          : (seconds * slot.powerW * 1_000) / dischargePerMille;
    }
    const percent = Math.round((levelWs * 100) / (capacityWh * WS_PER_WH));
    rows.push({ from, to, value: Math.min(100, Math.max(0, percent)) });
    from = to;
  }
  return rows;
}
