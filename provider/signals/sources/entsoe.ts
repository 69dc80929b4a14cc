import { childAt, childrenOf, parseXml, type XmlElement } from '../../bank/XmlElement.ts';
import { askSource } from '../askSource.ts';
import { fault, firstKnown } from '../quarterHours.ts';
import { perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import type { QuarterRow, Span } from '../SignalSeries.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';

/** EIC codes of bidding zones. */
const domains: Readonly<Record<string, string>> = {
  AT: '10YAT-APG------L',
  'DE-LU': '10Y1001A1001A82H',
};

const resolutions: Readonly<Record<string, number>> = { PT15M: 900, PT30M: 1_800, PT60M: 3_600, PT1H: 3_600 };

/**
 * ENTSO-E's transparency platform: day-ahead prices (document A44) as Publication_MarketDocument. Of several
 * auctions the first counts (classificationSequence 1, the coupled day-ahead market), of several resolutions the finest.
 * In curve type A03 a point that repeats the one before is left out (IEC 62325-351); in others it is missing.
 */
export function entsoe(source: SourceConfig<'entsoe'>, ports: SourcePorts): SignalSource {
  const domain = domains[source.zone] ?? source.zone;
  return {
    async read(span, signal) {
      const query = new URLSearchParams({
        securityToken: source.token,
        documentType: 'A44',
        in_Domain: domain,
        out_Domain: domain,
        periodStart: printPeriod(span.from),
        periodEnd: printPeriod(span.to),
      });
      // An acknowledgement that says why there is nothing comes with 200 or 400.
      const question = { url: `${source.url}?${query}`, alsoAnswers: [400] };
      const answer = await askSource(ports, question, signal);
      return answer.ok ? readPublication(answer.value, ports.currency, span) : answer;
    },
  };
}

/** `yyyyMMddHHmm` in UTC. */
const printPeriod = (at: number) => new Date(at * 1000).toISOString().replaceAll(/[-T:]/g, '').slice(0, 12);

function readPublication(source: string, currency: string, span: Span) {
  const parsed = parseXml(source);
  if (!parsed.ok) return fault('not-xml', `${parsed.refusal}: ${parsed.detail}`);
  const root = parsed.value;
  if (root.name === 'Acknowledgement_MarketDocument') {
    const code = childAt(root, 'Reason', 'code')?.text ?? '';
    const words = (childAt(root, 'Reason', 'text')?.text ?? '').slice(0, 100);
    return fault(code === '999' ? 'not-published' : 'source-failed', `reason ${code}: ${words}`);
  }
  if (root.name !== 'Publication_MarketDocument')
    return fault('unexpected-form', `${root.name.slice(0, 40)} is no publication`);
  const said = new Map<number, SaidStretch[]>();
  for (const series of childrenOf(root, 'TimeSeries')) {
    const position = childAt(series, 'classificationSequence_AttributeInstanceComponent.position')?.text;
    if (position !== undefined && position !== '1') continue;
    const read = readTimeSeries(series, currency);
    if (!read.ok) return read;
    for (const { stepS, stretches } of read.value) {
      const known = said.get(stepS) ?? [];
      known.push(...stretches);
      said.set(stepS, known);
    }
  }
  const rows: QuarterRow[] = [];
  for (const [, stretches] of [...said].toSorted(([a], [b]) => a - b)) {
    const row = priceRow(stretches, perMwh, span);
    if (row.ok) rows.push(row.value);
    else if (row.refusal !== 'not-published') return row;
  }
  const row = firstKnown(rows);
  if (row === undefined) return fault('not-published', 'no price of the time asked about');
  return priceContent({ ok: true, value: row }, currency);
}

interface ReadPeriod {
  readonly stepS: number;
  readonly stretches: readonly SaidStretch[];
}

function readTimeSeries(series: XmlElement, currency: string): SourceAnswer<readonly ReadPeriod[]> {
  const said = childAt(series, 'currency_Unit.name')?.text;
  if (said !== currency) return fault('wrong-currency', `${String(said).slice(0, 10)} is not ${currency}`);
  const unit = childAt(series, 'price_Measure_Unit.name')?.text;
  if (unit !== 'MWH') return fault('wrong-unit', `${String(unit).slice(0, 10)} is not MWH`);
  const repeats = childAt(series, 'curveType')?.text === 'A03';
  const periods: ReadPeriod[] = [];
  for (const period of childrenOf(series, 'Period')) {
    const read = readPeriod(period, repeats);
    if (!read.ok) return read;
    periods.push(read.value);
  }
  return { ok: true, value: periods };
}

function readPeriod(period: XmlElement, repeats: boolean): SourceAnswer<ReadPeriod> {
  const malformed = (words: string) => fault('unexpected-form', `line ${period.line}: ${words}`);
  const from = readTime(childAt(period, 'timeInterval', 'start')?.text);
  const to = readTime(childAt(period, 'timeInterval', 'end')?.text);
  const stepS = resolutions[childAt(period, 'resolution')?.text ?? ''];
  if (from === undefined || to === undefined || to <= from || to - from > 400 * 86_400)
    return malformed('the period has no time interval');
  if (stepS === undefined || (to - from) % stepS !== 0) return malformed('a resolution that is not known');
  const prices = new Map<number, string>();
  for (const point of childrenOf(period, 'Point')) {
    const position = Number(childAt(point, 'position')?.text ?? '');
    const price = childAt(point, 'price.amount')?.text;
    if (!Number.isInteger(position) || position < 1 || position > (to - from) / stepS || price === undefined)
      return malformed(`point on line ${point.line} is outside of its period, or has no price`);
    const before = prices.get(position);
    if (before !== undefined && before !== price)
      return fault('contradicting-values', `line ${point.line}: ${before} and ${price} at ${position}`);
    prices.set(position, price);
  }
  const stretches: SaidStretch[] = [];
  let last: string | null = null;
  for (let position = 1; from + position * stepS <= to; position++) {
    const price: string | null = prices.get(position) ?? (repeats ? last : null);
    stretches.push({ from: from + (position - 1) * stepS, to: from + position * stepS, said: price });
    last = price;
  }
  return { ok: true, value: { stepS, stretches } };
}

/** `2026-01-31T23:00Z`, epoch seconds. */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
