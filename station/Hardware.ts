import type { PhasePower } from '@p2p-power/planning/SitePlan';
import type { Battery, Clock, Contactor, Log, Meter, Pilot } from './Ports.ts';

/** The devices of one charging point. */
export interface Hardware {
  readonly meter: Meter;
  readonly contactor: Contactor;
  readonly pilot: Pilot;
  /** Absent: nothing can be taken from a car here. */
  readonly battery?: Battery;
  /**
   * What else draws from a shared fuse and is reckoned to this point's part of it, on L1, L2, L3 in W, as a meter last said;
   * undefined while nobody knows. Asked at every tick: it answers from memory.
   */
  readonly buildingW?: () => PhasePower | undefined;
  /**
   * The grid operator's order to the whole site (EnWG §14a) as a control box (FNN Steuerbox, EEBUS LPC) last said: W for all
   * controllable devices together, null while there is none; undefined while nobody knows, as after a start or when the
   * box does not answer: then the site keeps to its guarantee. Asked several times a second: it answers from memory.
   */
  readonly dimmedToW?: () => number | null | undefined;
  close(): Promise<void>;
}

/**
 * What a driver module exports by the name `openHardware`. `settings` is what the configuration says
 * under `driver.settings`, unchecked.
 */
export type OpenHardware = (
  parts: { readonly clock: Clock; readonly log: Log },
  settings: unknown,
) => Promise<Hardware>;
