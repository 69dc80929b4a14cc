import { assertWhole } from './ChargeWish.ts';

/** Least power of a controllable device that the grid operator dims directly, W (EnWG §14a, BNetzA BK6-22-300). */
export const GUARANTEED_W = 4_200;
/** Simultaneity factors for 2 to 8 devices behind an energy management system, per cent; 45 from 9 on. */
const SIMULTANEITY = [80, 75, 70, 65, 60, 55, 50] as const;
const SIMULTANEITY_OF_MANY = 45;

/**
 * What a site keeps at least while the grid operator dims it, W: 4.2 kW for the first controllable device and 4.2 kW
 * times the simultaneity factor for each further one (EnWG §14a with an energy management system). Rounded down,
 * so that the site is never above what it may draw.
 */
export function guaranteedPower(devices: number): number {
  assertWhole('devices', devices, 0, 1_000_000);
  if (devices === 0) return 0;
  const factor = devices === 1 ? 0 : (SIMULTANEITY[devices - 2] ?? SIMULTANEITY_OF_MANY);
  return GUARANTEED_W + Math.floor(((devices - 1) * factor * GUARANTEED_W) / 100);
}

/** A grid operator's order to dim, `to` exclusive (epoch seconds). */
export interface Dimming {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/**
 * The most that a site may draw at an instant, all phases together: its fuse; while it is dimmed, what the orders say
 * (the lowest of several), but never less than the guarantee for its devices nor more than the fuse.
 */
export function dimmedPower(fuseW: number, devices: number, orders: readonly Dimming[], at: number): number {
  const inForce = orders.filter(({ from, to }) => from <= at && at < to).map(({ powerW }) => powerW);
  if (inForce.length === 0) return fuseW;
  return Math.min(fuseW, Math.max(guaranteedPower(devices), Math.min(...inForce)));
}
