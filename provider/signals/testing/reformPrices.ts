import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes answers in the forms of the real services out of real Austrian prices (data/prices, from SMARD.de through
 * Energy-Charts, CC BY 4.0): what those services would have answered for these days. `node
 * provider/signals/testing/reformPrices.ts` writes them to `recorded/`; a test compares them with what is made here.
 */

const note =
  'real prices of data/prices/at_dayahead_15min_energycharts.csv (SMARD.de, Energy-Charts, CC BY 4.0), re-formed by provider/signals/testing/reformPrices.ts';

export interface RecordedPrice {
  /** Epoch seconds. */
  readonly from: number;
  readonly eurPerMwh: number;
}

/** Local days by name: the 25 hours of autumn, the 23 of spring, one with prices down to the lowest there is. */
export const recordedDays = {
  autumn: { from: Date.parse('2025-10-25T22:00:00Z') / 1000, to: Date.parse('2025-10-26T23:00:00Z') / 1000 },
  spring: { from: Date.parse('2026-03-28T23:00:00Z') / 1000, to: Date.parse('2026-03-29T22:00:00Z') / 1000 },
  negative: {
    from: Date.parse('2026-04-30T22:00:00Z') / 1000,
    to: Date.parse('2026-05-01T22:00:00Z') / 1000,
  },
} as const;
export type RecordedDay = keyof typeof recordedDays;

const csvFile = join(import.meta.dirname, '../../../data/prices/at_dayahead_15min_energycharts.csv');
export const recordedFolder = join(import.meta.dirname, 'recorded');

/** The quarter-hours of a day as the file has them. */
export function readRecordedDay(day: RecordedDay): readonly RecordedPrice[] {
  const { from, to } = recordedDays[day];
  return readFileSync(csvFile, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([start = '', , price = '']) => ({ from: Date.parse(start) / 1000, eurPerMwh: Number(price) }))
    .filter((one) => one.from >= from && one.from < to);
}

/** File name and text of each answer. */
export function reformDay(day: RecordedDay): Readonly<Record<string, string>> {
  const prices = readRecordedDay(day);
  const json = (value: unknown) => `${JSON.stringify(value)}\n`;
  return {
    [`awattar_${day}.json`]: json({ note, object: 'list', data: hoursOf(prices), url: '/at/v1/marketdata' }),
    [`energyCharts_${day}.json`]: json({
      note,
      license_info: 'CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de',
      unix_seconds: prices.map(({ from }) => from),
      price: prices.map(({ eurPerMwh }) => eurPerMwh),
      unit: 'EUR / MWh',
      deprecated: false,
    }),
    [`smard_${day}.json`]: json({
      note,
      meta_data: { version: 1 },
      // The rest of the week is not known yet.
      series: [
        ...prices.map(({ from, eurPerMwh }) => [from * 1000, eurPerMwh]),
        ...Array.from({ length: 8 }, (_, index) => [(recordedDays[day].to + index * 900) * 1000, null]),
      ],
    }),
    [`entsoe_${day}.xml`]: publicationOf(day, prices),
  };
}

/** aWATTar has hours: the mean of four quarters, in cents per MWh. */
function hoursOf(prices: readonly RecordedPrice[]) {
  const hours = Map.groupBy(prices, ({ from }) => from - (from % 3_600));
  return [...hours].map(([from, quarters]) => ({
    start_timestamp: from * 1000,
    end_timestamp: (from + 3_600) * 1000,
    marketprice:
      Math.round((quarters.reduce((sum, { eurPerMwh }) => sum + eurPerMwh, 0) / quarters.length) * 100) / 100,
    unit: 'Eur/MWh',
  }));
}

/** Curve type A03: a point that repeats the one before is left out. */
function publicationOf(day: RecordedDay, prices: readonly RecordedPrice[]): string {
  const time = (at: number) => `${new Date(at * 1000).toISOString().slice(0, 16)}Z`;
  const { from, to } = recordedDays[day];
  const interval = `<start>${time(from)}</start><end>${time(to)}</end>`;
  const points = prices
    .map(({ eurPerMwh }, index) => ({ eurPerMwh, position: index + 1 }))
    .filter(({ eurPerMwh }, index) => index === 0 || prices[index - 1]?.eurPerMwh !== eurPerMwh)
    .map(
      ({ eurPerMwh, position }) =>
        `<Point><position>${position}</position><price.amount>${eurPerMwh.toFixed(2)}</price.amount></Point>`,
    );
  return `<?xml version="1.0" encoding="utf-8"?>
<!-- ${note} -->
<Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">
<mRID>1</mRID><revisionNumber>1</revisionNumber><type>A44</type>
<period.timeInterval>${interval}</period.timeInterval>
<TimeSeries><mRID>1</mRID><auction.type>A01</auction.type><businessType>A62</businessType>
<in_Domain.mRID codingScheme="A01">10YAT-APG------L</in_Domain.mRID><out_Domain.mRID codingScheme="A01">10YAT-APG------L</out_Domain.mRID>
<contract_MarketAgreement.type>A01</contract_MarketAgreement.type>
<currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>
<classificationSequence_AttributeInstanceComponent.position>1</classificationSequence_AttributeInstanceComponent.position>
<curveType>A03</curveType>
<Period><timeInterval>${interval}</timeInterval><resolution>PT15M</resolution>
${points.join('\n')}
</Period></TimeSeries>
</Publication_MarketDocument>
`;
}

if (import.meta.main) {
  mkdirSync(recordedFolder, { recursive: true });
  for (const day of Object.keys(recordedDays) as RecordedDay[])
    for (const [name, text] of Object.entries(reformDay(day)))
      writeFileSync(join(recordedFolder, name), text);
}
