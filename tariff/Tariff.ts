/** The dimensions that this subset of OCPI prices (OCPI 2.2.1 mod_tariffs, TariffDimensionType). */
export type PriceComponentType = 'ENERGY' | 'TIME' | 'PARKING_TIME' | 'FLAT';

/**
 * What one dimension costs before tax. `priceMicro` is per kWh (ENERGY), per hour (TIME, PARKING_TIME)
 * or per session (FLAT); `vatBp` is in hundredths of a percent, absent where no VAT applies; `stepSize`
 * is in Wh (ENERGY) or seconds (TIME, PARKING_TIME) and has no meaning for FLAT.
 */
export interface PriceComponent {
  readonly type: PriceComponentType;
  readonly priceMicro: number;
  readonly vatBp?: number;
  readonly stepSize: number;
}

/**
 * When an element applies, in local time of the location, all of them at once. Minutes count from
 * midnight, `endMinute` is exclusive and 1440 is the end of the day; an end before the start wraps
 * around midnight. Days are 1 Monday … 7 Sunday.
 */
export interface TariffRestrictions {
  readonly startMinute?: number;
  readonly endMinute?: number;
  readonly daysOfWeek?: readonly number[];
}

/** Price components that apply under the same restrictions. */
export interface TariffElement {
  readonly priceComponents: readonly PriceComponent[];
  readonly restrictions?: TariffRestrictions;
}

/** A least or most amount for a whole session; before and after tax bind separately. */
export interface PriceLimit {
  readonly exclVatMicro: number;
  readonly inclVatMicro?: number;
}

/** For which kind of session a tariff is meant (OCPI 2.2.1 TariffType); absent means all. */
export type TariffType = 'AD_HOC_PAYMENT' | 'PROFILE_CHEAP' | 'PROFILE_FAST' | 'PROFILE_GREEN' | 'REGULAR';

/** A tariff: elements in order of precedence. Times are epoch seconds, `endsAt` is exclusive. */
export interface Tariff {
  readonly countryCode: string;
  readonly partyId: string;
  readonly id: string;
  readonly currency: string;
  readonly type?: TariffType;
  readonly minPrice?: PriceLimit;
  readonly maxPrice?: PriceLimit;
  readonly elements: readonly TariffElement[];
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly altText?: readonly { readonly language: string; readonly text: string }[];
  readonly altUrl?: string;
  readonly lastUpdatedAt: number;
}

/** Whether the car draws (or could draw) power, or only stands at the point. */
export type SessionState = 'charging' | 'parking';

/** The meter's registers at an instant, and the state from here to the next reading. */
export interface SessionReading {
  readonly at: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly state: SessionState;
}

/**
 * A session as it is priced: readings at the start, at each quarter-hour boundary, at each change of
 * state and at the end. `timeZone` is the IANA name of the location's zone.
 */
export interface PricedSession {
  readonly timeZone: string;
  readonly readings: readonly SessionReading[];
}
