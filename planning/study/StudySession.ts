/** A charging session as it was: times are epoch seconds, energy at the meter. */
export interface StudySession {
  readonly id: string;
  readonly garage: string;
  readonly user: string;
  readonly arrivedAt: number;
  readonly leftAt: number;
  readonly energyWh: number;
}

/**
 * A session laid over prices: `arrivedAt` and `leftAt` are on the prices' calendar, `movedS` seconds after the
 * session's own, `carbonS` more brings them to the calendar of the CO2 series. What the car needs is in watt-seconds,
 * never more than it could have had at once: `unmetWs` is the rest of the energy that was asked for.
 */
export interface StudyCharge {
  readonly session: StudySession;
  readonly arrivedAt: number;
  readonly leftAt: number;
  readonly movedS: number;
  readonly carbonS: number;
  readonly powerW: number;
  readonly needWs: number;
  readonly unmetWs: number;
}

/** A stretch of time with one power at the meter, and the watt-seconds in it; below 0 the car gives back. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
  readonly ws: number;
}
