import type { Battery, Clock, Contactor, Log, Meter, Pilot } from './Ports.ts';

/** The devices of one charging point. */
export interface Hardware {
  readonly meter: Meter;
  readonly contactor: Contactor;
  readonly pilot: Pilot;
  /** Absent: nothing can be taken from a car here. */
  readonly battery?: Battery;
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
