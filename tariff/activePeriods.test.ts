import { describe, expect, it } from 'vitest';
import { activePeriods } from './activePeriods.ts';
import type { Tariff, TariffRestrictions } from './Tariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { candidatesOf } from './timetable.ts';

const at = (time: string) => Date.parse(time) / 1000;

/** A tariff with one priced element per restriction, told apart by the price. */
function tariffWith(...restrictions: readonly (TariffRestrictions | undefined)[]): Tariff {
  return {
    ...exampleTariff('tariff_8_simple_025kwh'),
    elements: restrictions.map((restriction, index) => ({
      priceComponents: [{ type: 'ENERGY', priceMicro: index, stepSize: 1 }],
      ...(restriction && { restrictions: restriction }),
    })),
  };
}

/** When each period begins in Berlin, and which element has ENERGY in it. */
function periodsOf(tariff: Tariff, from: string, to: string) {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return activePeriods(tariff, 'Europe/Berlin', at(from), at(to)).map(
    (period) => `${time.format(period.from * 1000)} ${period.ENERGY?.elementIndex ?? 'none'}`,
  );
}

describe('activePeriods', () => {
  it('is one period where nothing is restricted', () => {
    expect(periodsOf(tariffWith(undefined), '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z')).toEqual([
      'Thu 01:00 0',
    ]);
  });

  it('takes an end of 00:00 for the end of the day', () => {
    const always = tariffWith({ endMinute: 0 });
    expect(periodsOf(always, '2026-01-01T10:00:00Z', '2026-01-01T20:00:00Z')).toEqual(['Thu 11:00 0']);
    const ten = tariffWith({ startMinute: 600, endMinute: 0 }, undefined);
    expect(periodsOf(ten, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toEqual([
      'Thu 01:00 1',
      'Thu 10:00 0',
      'Fri 00:00 1',
    ]);
  });

  it('takes dates in local time, the first with it and the last without', () => {
    const tariff = tariffWith({ startDay: 20_454, endDay: 20_456 }, undefined); // 1 and 2 January 2026
    expect(periodsOf(tariff, '2025-12-31T00:00:00Z', '2026-01-04T00:00:00Z')).toEqual([
      'Wed 01:00 1',
      'Thu 00:00 0',
      'Sat 00:00 1',
    ]);
  });

  it('leaves out what asks how a session goes where no session is assumed, and reservations always', () => {
    const tariff = tariffWith({ minPowerW: 1 }, { reservation: 'RESERVATION' }, undefined);
    expect(periodsOf(tariff, '2026-01-01T00:00:00Z', '2026-01-01T12:00:00Z')).toEqual(['Thu 01:00 2']);
  });

  it('wraps around midnight, and asks the day of the instant', () => {
    const fridayNight = tariffWith({ startMinute: 1320, endMinute: 360, daysOfWeek: [5] });
    expect(periodsOf(fridayNight, '2026-01-08T11:00:00Z', '2026-01-10T11:00:00Z')).toEqual([
      'Thu 12:00 none',
      'Fri 00:00 0',
      'Fri 06:00 none',
      'Fri 22:00 0',
      'Sat 00:00 none',
    ]);
  });

  it('takes the first element that matches', () => {
    const tariff = tariffWith({ startMinute: 600, endMinute: 720 }, { endMinute: 660 }, undefined);
    expect(periodsOf(tariff, '2026-01-08T08:00:00Z', '2026-01-08T12:00:00Z')).toEqual([
      'Thu 09:00 1',
      'Thu 10:00 0',
      'Thu 12:00 2',
    ]);
  });

  it('has 23 and 25 hours on the days when clocks jump', () => {
    const days = tariffWith({ daysOfWeek: [7] }, undefined);
    const lengths = (from: string, to: string) =>
      activePeriods(days, 'Europe/Berlin', at(from), at(to)).map(
        (period) => (period.to - period.from) / 3600,
      );
    expect(lengths('2026-03-28T11:00:00Z', '2026-03-30T10:00:00Z')).toEqual([12, 23, 12]);
    expect(lengths('2026-10-24T10:00:00Z', '2026-10-26T11:00:00Z')).toEqual([12, 25, 12]);
  });

  it('answers for an instant', () => {
    const tariff = tariffWith({ endMinute: 660 });
    expect(periodsOf(tariff, '2026-01-08T09:59:59Z', '2026-01-08T09:59:59Z')).toEqual(['Thu 10:59 0']);
    expect(periodsOf(tariff, '2026-01-08T10:00:00Z', '2026-01-08T10:00:00Z')).toEqual(['Thu 11:00 none']);
  });
});

describe('candidatesOf', () => {
  it('leaves out what stands behind an unrestricted element', () => {
    const indexes = candidatesOf(
      tariffWith({ endMinute: 60 }, undefined, { endMinute: 30 }, undefined),
    ).ENERGY;
    expect(indexes.map(({ elementIndex }) => elementIndex)).toEqual([0, 1]);
  });
});
