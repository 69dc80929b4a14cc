import fc from 'fast-check';
import type { EnergyPrices } from '../EnergyPrices.ts';
import type {
  PriceComponent,
  PricedSession,
  PriceLimit,
  RecordedReading,
  SessionReading,
  Tariff,
  TariffElement,
  TariffRestrictions,
} from '../Tariff.ts';

const component: fc.Arbitrary<PriceComponent> = fc
  .record(
    {
      type: fc.constantFrom('ENERGY' as const, 'TIME' as const, 'PARKING_TIME' as const, 'FLAT' as const),
      priceMicro: fc.oneof(
        fc.integer({ min: 0, max: 5_000_000 }),
        fc.integer({ min: 0, max: 100_000_000_000 }),
      ),
      vatBp: fc.option(fc.oneof(fc.constantFrom(0, 700, 1900, 2000), fc.integer({ min: 0, max: 10_000 })), {
        nil: undefined,
      }),
      stepSize: fc.oneof(
        fc.constant(1),
        fc.constantFrom(60, 300, 900, 1800),
        fc.integer({ min: 1, max: 1_000_000 }),
      ),
    },
    { requiredKeys: ['type', 'priceMicro', 'stepSize'] },
  )
  .map(({ vatBp, ...rest }) => (vatBp === undefined ? rest : { ...rest, vatBp }));

const clockRestrictions = fc
  .record({
    startMinute: fc.option(fc.integer({ min: 0, max: 1439 }), { nil: undefined }),
    endMinute: fc.option(fc.integer({ min: 1, max: 1440 }), { nil: undefined }),
    daysOfWeek: fc.option(fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), { nil: undefined }),
  })
  .filter(({ startMinute, endMinute }) => startMinute === undefined || startMinute !== endMinute)
  .map(({ startMinute, endMinute, daysOfWeek }) => ({
    ...(startMinute !== undefined && { startMinute }),
    ...(endMinute !== undefined && { endMinute }),
    ...(daysOfWeek !== undefined && { daysOfWeek }),
  }));

const plainElement: fc.Arbitrary<TariffElement> = fc
  .record({
    priceComponents: fc.uniqueArray(component, { minLength: 1, maxLength: 4, selector: ({ type }) => type }),
    restrictions: fc.option(clockRestrictions, { nil: undefined }),
  })
  .map(({ priceComponents, restrictions }) =>
    restrictions === undefined || Object.keys(restrictions).length === 0
      ? { priceComponents }
      : { priceComponents, restrictions },
  );

const limit: fc.Arbitrary<PriceLimit> = fc
  .tuple(fc.integer({ min: 0, max: 20_000_000 }), fc.integer({ min: 0, max: 5_000_000 }), fc.boolean())
  .map(([exclVatMicro, tax, isNamed]) =>
    isNamed ? { exclVatMicro, inclVatMicro: exclVatMicro + tax } : { exclVatMicro },
  );

/** A span between two bounds, at least one of them there, that is not empty. */
function spanOf<Least extends string, Most extends string>(
  least: Least,
  most: Most,
  bound: fc.Arbitrary<number>,
): fc.Arbitrary<Partial<Record<Least | Most, number>>> {
  return fc
    .tuple(bound, bound, fc.constantFrom('least', 'most', 'both'))
    .map(([one, other, which]): Partial<Record<Least | Most, number>> => {
      const [lower, upper] = [Math.min(one, other), Math.max(one, other) + 1];
      const spans = {
        least: { [least]: lower },
        most: { [most]: upper },
        both: { [least]: lower, [most]: upper },
      };
      return spans[which] as Partial<Record<Least | Most, number>>;
    });
}

/** Bounds around what the sessions below do, so that they pass some of them. */
const sessionRestrictions: fc.Arbitrary<TariffRestrictions> = fc
  .tuple(
    fc.option(spanOf('minEnergyWh', 'maxEnergyWh', fc.nat(40_000)), { nil: {} }),
    fc.option(spanOf('minPowerW', 'maxPowerW', fc.nat(60_000)), { nil: {}, freq: 1 }),
    fc.option(spanOf('minCurrentMa', 'maxCurrentMa', fc.nat(200_000)), { nil: {}, freq: 1 }),
    fc.option(spanOf('minDurationS', 'maxDurationS', fc.nat(50_000)), { nil: {} }),
    fc.option(spanOf('startDay', 'endDay', fc.integer({ min: 20_510, max: 20_760 })), { nil: {}, freq: 1 }),
    fc.option(clockRestrictions, { nil: {}, freq: 1 }),
  )
  .map((all) => Object.assign({}, ...all) as TariffRestrictions);

const reservationElement: fc.Arbitrary<TariffElement> = fc
  .record({
    priceComponents: fc.uniqueArray(
      component.map((any) => ({ ...any, type: any.type === 'FLAT' ? ('FLAT' as const) : ('TIME' as const) })),
      { minLength: 1, maxLength: 2, selector: ({ type }) => type },
    ),
    restrictions: fc.oneof(fc.constant({}), clockRestrictions),
    reservation: fc.constantFrom('RESERVATION' as const, 'RESERVATION_EXPIRES' as const),
  })
  .map(({ priceComponents, restrictions, reservation }) => ({
    priceComponents,
    restrictions: { ...restrictions, reservation },
  }));

const element: fc.Arbitrary<TariffElement> = fc.oneof(
  plainElement,
  {
    weight: 3,
    arbitrary: fc
      .tuple(plainElement, sessionRestrictions)
      .map(([{ priceComponents }, restrictions]) =>
        Object.keys(restrictions).length === 0 ? { priceComponents } : { priceComponents, restrictions },
      ),
  },
  reservationElement,
);

/** Any tariff whose prices depend on the clock alone, as contracts can price it, without alternative texts. */
export const arbitraryPlainTariff: fc.Arbitrary<Tariff> = tariffOf(plainElement);

/** Any tariff that `parseTariff` can give, without alternative texts. */
export const arbitraryTariff: fc.Arbitrary<Tariff> = tariffOf(element);

function tariffOf(element: fc.Arbitrary<TariffElement>): fc.Arbitrary<Tariff> {
  return fc
    .record({
      countryCode: fc.constantFrom('DE', 'AT', 'NL'),
      partyId: fc.stringMatching(/^[A-Z0-9]{3}$/),
      id: fc.stringMatching(/^[!-~]{1,36}$/),
      currency: fc.constantFrom('EUR', 'CHF', 'VND'),
      minPrice: fc.option(limit, { nil: undefined }),
      maxPrice: fc.option(limit, { nil: undefined }),
      elements: fc.array(element, { minLength: 1, maxLength: 5 }),
      startsAt: fc.option(fc.integer({ min: 1, max: 2_000_000_000 }), { nil: undefined }),
      lastsS: fc.option(fc.integer({ min: 1, max: 1_000_000_000 }), { nil: undefined }),
      lastUpdatedAt: fc.integer({ min: 1, max: 4_000_000_000 }),
    })
    .map(({ minPrice, maxPrice, startsAt, lastsS, ...rest }) => {
      const leastExcl = minPrice?.exclVatMicro ?? 0;
      const leastIncl = Math.max(minPrice?.inclVatMicro ?? leastExcl, leastExcl);
      const most = maxPrice && {
        exclVatMicro: leastExcl + maxPrice.exclVatMicro,
        ...(maxPrice.inclVatMicro !== undefined && { inclVatMicro: leastIncl + maxPrice.inclVatMicro }),
      };
      return {
        ...rest,
        ...(minPrice && { minPrice }),
        ...(most && { maxPrice: most }),
        ...(startsAt !== undefined && { startsAt }),
        ...(lastsS !== undefined && { endsAt: (startsAt ?? 0) + lastsS }),
      };
    });
}

/** Any tariff that `parseTariff230` can give: with tax in its prices, without any tax, or as in 2.2.1. */
export const arbitraryTariff230: fc.Arbitrary<Tariff> = fc
  .tuple(arbitraryTariff, fc.constantFrom(undefined, 'included' as const, 'none' as const))
  .map(([tariff, taxes]) => {
    if (taxes === undefined) return tariff;
    if (taxes === 'included') return { ...tariff, taxes };
    const elements = tariff.elements.map((element) => ({
      ...element,
      priceComponents: element.priceComponents.map(({ vatBp: _vatBp, ...untaxed }) => untaxed),
    }));
    return { ...tariff, taxes, elements };
  });

/** Zones with daylight saving on the hour and half hour, far from UTC, and without any. */
export const arbitraryTimeZone = fc.constantFrom(
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
);

/** Days on which clocks jump in Berlin, New York or Lord Howe, and any other time since 2020. */
const startAt = fc.oneof(
  fc
    .constantFrom(
      '2026-03-28',
      '2026-03-29',
      '2026-10-25',
      '2026-03-08',
      '2026-11-01',
      '2026-04-04',
      '2026-10-03',
    )
    .chain((day) =>
      fc.integer({ min: 0, max: 86_399 }).map((second) => Date.parse(`${day}T00:00:00Z`) / 1000 + second),
    ),
  fc.integer({ min: 1_577_836_800, max: 1_893_456_000 }),
);

/** Energy prices of up to a day that begin within half a day of a time (epoch seconds), few of them different. */
export function arbitraryEnergyPrices(
  near: fc.Arbitrary<number>,
  mostMicro = 100_000_000_000,
): fc.Arbitrary<EnergyPrices> {
  const priceMicro = fc.oneof(fc.constantFrom(0, 100_000, 250_000), fc.integer({ min: 0, max: mostMicro }));
  return fc.record({
    firstAt: fc
      .tuple(near, fc.integer({ min: -48, max: 48 }))
      .map(([at, quarterHours]) => (Math.floor(at / 900) + quarterHours) * 900),
    pricesMicro: fc.array(priceMicro, { maxLength: 96 }),
    otherwiseMicro: priceMicro,
  });
}

/** A session with energy prices by quarter-hour that begin around its start. */
export function withPrices(
  session: fc.Arbitrary<PricedSession>,
  mostMicro?: number,
): fc.Arbitrary<PricedSession> {
  return session.chain((any) =>
    arbitraryEnergyPrices(fc.constant(any.readings[0]?.at ?? 0), mostMicro).map((prices) => ({
      ...any,
      prices,
    })),
  );
}

/** Any sound session of up to some twenty readings. */
export const arbitrarySession: fc.Arbitrary<PricedSession> = fc
  .record({
    timeZone: arbitraryTimeZone,
    startAt,
    startWh: fc.integer({ min: 0, max: 1_000_000_000 }),
    steps: fc.array(
      fc.record({
        seconds: fc.oneof(fc.constant(900), fc.integer({ min: 0, max: 40_000 })),
        energyWh: fc.integer({ min: 0, max: 20_000 }),
        exportWh: fc.integer({ min: 0, max: 100 }),
        state: fc.constantFrom('charging' as const, 'parking' as const),
      }),
      { maxLength: 20 },
    ),
  })
  .map(({ timeZone, startAt, startWh, steps }) => {
    const readings: SessionReading[] = [];
    let [at, importWh, exported] = [startAt, startWh, 0];
    for (const { seconds, energyWh, exportWh, state } of steps) {
      readings.push({ at, importWh, exportWh: exported, state });
      at += seconds;
      importWh += energyWh;
      exported += exportWh;
    }
    readings.push({ at, importWh, exportWh: exported, state: 'parking' });
    return { timeZone, readings };
  });

/**
 * A session as another party's record may tell it: with net energy and much of it given back, with a
 * reservation before, with power and current for some intervals.
 */
export function withOddities(session: fc.Arbitrary<PricedSession>): fc.Arbitrary<PricedSession> {
  const facts = fc.record({
    givenBackWh: fc.oneof(fc.constant(0), fc.nat(20_000)),
    powerW: fc.option(fc.integer({ min: -20_000, max: 60_000 }), { nil: undefined, freq: 1 }),
    currentMa: fc.option(fc.integer({ min: -90_000, max: 200_000 }), { nil: undefined, freq: 1 }),
  });
  const oddities = fc.record({
    isNet: fc.boolean(),
    facts: fc.array(facts, { minLength: 21, maxLength: 21 }),
    wait: fc.option(fc.tuple(fc.nat(7_200), fc.nat(600), fc.boolean()), { nil: undefined }),
  });
  return fc.tuple(session, oddities).map(([any, { isNet, facts, wait }]): PricedSession => {
    let givenBackWh = 0;
    const readings = any.readings.map((reading, index): RecordedReading => {
      const { powerW, currentMa, ...of } = facts[index] ?? { givenBackWh: 0 };
      const exportWh = reading.exportWh + givenBackWh;
      givenBackWh += of.givenBackWh;
      return {
        ...reading,
        exportWh,
        ...(powerW !== undefined && { powerW }),
        ...(currentMa !== undefined && { currentMa }),
      };
    });
    const startAt = any.readings[0]?.at ?? 0;
    const [lastsS, beforeS, hasExpired] = wait ?? [0, 0, false];
    const to = startAt - beforeS;
    return {
      ...any,
      ...(isNet && { energy: 'net' }),
      ...(wait && { reservation: { from: to - lastsS, to, hasExpired } }),
      readings: hasExpired ? [] : readings,
    };
  });
}
