import { plainTariff } from '@p2p-power/protocol/testing/world';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { expect, test } from 'vitest';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { tariffLines } from './tariffLines.ts';

const told = (tariff: Tariff, language: 'de' | 'en') =>
  tariffLines(tariff, language === 'de' ? de : en, language).map(({ name, amount, unit, remark }) =>
    [name, amount.replace(/\u00a0/g, ' '), unit, remark].join(' | '),
  );

test('energy, minutes, session, then the rest, with tax: AFIR’s order whatever the tariff’s', () => {
  const tariff: Tariff = {
    ...plainTariff,
    minPrice: { exclVatMicro: 1_000_000, inclVatMicro: 1_190_000 },
    elements: [
      {
        priceComponents: [
          { type: 'FLAT', priceMicro: 500_000, vatBp: 1_900, stepSize: 1 },
          { type: 'PARKING_TIME', priceMicro: 6_000_000, vatBp: 1_900, stepSize: 300 },
        ],
      },
      {
        priceComponents: [{ type: 'ENERGY', priceMicro: 300_000, vatBp: 1_900, stepSize: 1 }],
        restrictions: { startMinute: 22 * 60, endMinute: 6 * 60 },
      },
      { priceComponents: [{ type: 'ENERGY', priceMicro: 400_000, vatBp: 1_900, stepSize: 500 }] },
    ],
  };
  expect(told(tariff, 'de')).toMatchInlineSnapshot(`
    [
      "Energie | 0,357 € | je kWh | 22:00–06:00 · inkl. 19 % MwSt.",
      "Energie | 0,476 € | je kWh | inkl. 19 % MwSt. · abgerechnet je angefangene 500 Wh",
      "Standzeit ohne Laden | 0,119 € | je Minute | inkl. 19 % MwSt. · abgerechnet je angefangene 5 min",
      "Grundpreis | 0,595 € | je Ladung | inkl. 19 % MwSt.",
      "Mindestens | 1,19 € | je Ladung | inkl. MwSt.",
    ]
  `);
  expect(told(tariff, 'en')[0]).toMatchInlineSnapshot(
    `"Energy | €0.357 | per kWh | 22:00–06:00 · incl. 19 % VAT"`,
  );
});

test('what costs nothing is free of charge', () => {
  const free: Tariff = {
    ...plainTariff,
    elements: [{ priceComponents: [{ type: 'FLAT', priceMicro: 0, stepSize: 1 }] }],
  };
  expect(told(free, 'de')).toEqual(['Grundpreis | kostenlos |  | ']);
});
