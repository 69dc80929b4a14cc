/** What the clocks of an IANA zone do, as the contract knows it. */
export type TimeZoneRule = {
  /** IANA name, at most 32 ASCII characters. */
  readonly zone: string;
  /** Epoch seconds; 0 for a zone's first rule. */
  readonly from: number;
  /** Standard time less UTC, in seconds. */
  readonly standardOffsetS: number;
  /** `european-union`: an hour more from the last Sunday in March to the last in October, 01:00 UTC (Directive 2000/84/EC). */
  readonly daylightSaving: 'none' | 'european-union';
};

const zonesOf: readonly (readonly [standardOffsetS: number, zones: string])[] = [
  [-3600, 'Atlantic/Azores'],
  [
    0,
    'Atlantic/Canary Atlantic/Madeira Europe/Belfast Europe/Dublin Europe/Guernsey Europe/Isle_of_Man ' +
      'Europe/Jersey Europe/Lisbon Europe/London',
  ],
  [
    3600,
    'Africa/Ceuta Arctic/Longyearbyen Europe/Amsterdam Europe/Andorra Europe/Berlin Europe/Bratislava ' +
      'Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana ' +
      'Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Prague ' +
      'Europe/Rome Europe/San_Marino Europe/Stockholm Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw ' +
      'Europe/Zagreb Europe/Zurich',
  ],
  [
    7200,
    'Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Mariehamn Europe/Riga Europe/Sofia ' +
      'Europe/Tallinn Europe/Vilnius',
  ],
];

/** The zones that a consortium is founded with: the European Union, Iceland, Norway, Switzerland, the United Kingdom and the small states between them. */
export const timeZoneRules: readonly TimeZoneRule[] = [
  ...zonesOf.flatMap(([standardOffsetS, zones]) =>
    zones
      .split(' ')
      .map((zone) => ({ zone, from: 0, standardOffsetS, daylightSaving: 'european-union' as const })),
  ),
  { zone: 'Atlantic/Reykjavik', from: 0, standardOffsetS: 0, daylightSaving: 'none' },
  { zone: 'UTC', from: 0, standardOffsetS: 0, daylightSaving: 'none' },
];
