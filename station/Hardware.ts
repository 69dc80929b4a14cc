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
