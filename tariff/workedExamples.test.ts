import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyPromotions } from './applyPromotions.ts';
import { type Commission, operatorShare } from './Commission.ts';
import { checkFrame } from './checkFrame.ts';
import { type DynamicTerms, dynamicPriceMicro, offerPrices } from './DynamicTerms.ts';
import { displayPrice } from './displayPrice.ts';
import { energyCostMicro } from './energyCost.ts';
import { explain } from './explain.ts';
import type { PriceFrame } from './PriceFrame.ts';
import type { Promotion } from './Promotion.ts';
import { price } from './price.ts';
import { quarterHours } from './quarterHours.ts';
import { splitPrice } from './splitPrice.ts';
import type { Tariff } from './Tariff.ts';
import { sessionOf } from './testing/session.ts';
import { withFreeTime } from './withFreeTime.ts';
import { amountInWords } from './words.ts';

/** The examples of docs/prices.md, worked out: each row must stand there as it comes out here. */
const page = readFileSync(new URL('../docs/prices.md', import.meta.url), 'utf8');
const row = (...cells: readonly (string | number)[]) =>
  `| ${cells.map((cell) => (typeof cell === 'number' ? amountInWords(cell) : cell)).join(' | ')} |`;

const tariff: Tariff = {
  countryCode: 'AT',
  partyId: 'ABC',
  id: 'garage-dynamic',
  currency: 'EUR',
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: 450_000, vatBp: 2_000, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 3_000_000, vatBp: 2_000, stepSize: 60 },
      ],
    },
  ],
  lastUpdatedAt: 1_790_000_000,
};

const terms: DynamicTerms = {
  area: 'AT',
  factorPerMille: 1_050,
  marginMicro: 120_000,
  floorMicro: 100_000,
  capMicro: 450_000,
  fallbackMicro: 390_000,
  maxAgeS: 36 * 3_600,
};

const tenOClock = Date.parse('2026-01-05T10:00:00+01:00') / 1000;
const index = [80_000, 400_000, -90_000];
const signal = { issuedAt: tenOClock - 20 * 3_600, firstAt: tenOClock, indexMicro: index };

/** 7.5 kWh in three quarter-hours, then half an hour of standing. */
const session = sessionOf(
  'Europe/Vienna',
  '2026-01-05T10:00:00+01:00',
  [45, 7_500, 'charging'],
  [30, 0, 'parking'],
);
const offered = offerPrices(terms, signal, tenOClock);
if (!offered.ok) throw new Error(offered.refusal);
const owed = price(tariff, { ...session, prices: offered.value.prices });

describe('docs/prices.md', () => {
  it('works out the formula', () => {
    for (const [quarter, value] of index.entries()) {
      const scaled = (value * 1_050) / 1_000;
      const found = dynamicPriceMicro(terms, value);
      expect(page).toContain(
        row(`10:${String(quarter * 15).padStart(2, '0')}`, value, scaled, scaled + 120_000, found),
      );
      expect(offered.value.prices.pricesMicro[quarter]).toBe(found);
    }
    expect(page).toContain(`costs ${amountInWords(offered.value.prices.otherwiseMicro)} €`);
  });

  it('works out the receipt', () => {
    for (const { text, amountMicro = 0 } of explain(owed, 'en', session.timeZone)) {
      expect(page).toContain(row(text, amountMicro));
    }
    expect(page).toContain(row('**to pay**', `**${amountInWords(owed.inclVatMicro)}**`));
  });

  it('works out the commission', () => {
    const commission: Commission = {
      targetGroup: 'garage',
      perKwhMicro: 50_000,
      perHourMicro: 360_000,
      sharePerMille: 400,
      perSessionMicro: 0,
    };
    const share = operatorShare(commission, {
      energyWh: 7_500,
      durationS: 75 * 60,
      exclVatMicro: owed.exclVatMicro,
    });
    expect(page).toContain(`= **${amountInWords(share)} €**`);
    expect(page).toContain(`${amountInWords(owed.exclVatMicro - share)} € stay with the provider`);
  });

  it('works out the split', () => {
    const energyMicroPerKwh = {
      firstAt: tenOClock,
      pricesMicro: index.map((value) => value + 15_000),
      otherwiseMicro: 200_000,
    };
    const rates = { energyMicroPerKwh, gridMicroPerKwh: 70_000, leviesMicroPerKwh: 20_500 };
    const split = splitPrice(owed, quarterHours(session.readings), rates);
    expect(page).toContain(row('levies', 'the state', split.leviesMicro));
    expect(page).toContain(row('network', 'the grid operator', split.gridMicro));
    expect(page).toContain(row('energy', 'the supplier', split.energyMicro));
    expect(page).toContain(row('infrastructure', 'the operator', split.infrastructureMicro));
    expect(page).toContain(row('VAT', 'the state', split.vatMicro));
  });

  it('works out the promotions', () => {
    const promotion = { currency: 'EUR', startsAt: 0, endsAt: 2_000_000_000 };
    const promotions: readonly Promotion[] = [
      {
        ...promotion,
        id: 'winter',
        title: 'ten per cent off',
        benefit: { type: 'percent-off', perMille: 100 },
      },
      {
        ...promotion,
        id: 'first',
        title: 'first 5 kWh free',
        benefit: { type: 'free-energy', energyWh: 5_000 },
      },
    ];
    const charge = {
      startedAt: tenOClock,
      operatorId: 'ATABC',
      evseId: 'ATABCE1',
      currency: 'EUR',
      inclVatMicro: owed.inclVatMicro,
      energyWh: 7_500,
      energyMicro: energyCostMicro(owed),
    };
    const { discounts, toPayMicro } = applyPromotions(promotions, charge, {});
    for (const { title, amountMicro } of discounts) expect(page).toContain(row(title, -amountMicro));
    expect(page).toContain(row('**left to pay**', `**${amountInWords(toPayMicro)}**`));
  });

  it('works out the frame', () => {
    const frame: PriceFrame = {
      pointClass: 'ac',
      currency: 'EUR',
      floorMicro: 100_000,
      ceilingMicro: 600_000,
      mayBeFree: false,
    };
    expect(checkFrame(frame, tariff, terms).ok).toBe(true);
    const dearer = { ...terms, capMicro: 650_000 };
    const refused = checkFrame(frame, tariff, dearer);
    expect(refused.ok ? '' : refused.detail).not.toBe('');
    expect(page).toContain(refused.ok ? '' : refused.detail);
  });

  it('works out the free hours of guests', () => {
    const guests = withFreeTime(tariff, 7_200);
    expect(guests.ok).toBe(true);
    for (const { text } of guests.ok ? displayPrice(guests.value, 'en') : []) expect(page).toContain(text);
  });
});
