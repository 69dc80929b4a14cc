import { isRecord } from '@p2p-power/protocol/SignedObject';
import { printDateTime } from '@p2p-power/tariff/readJson';
import { askForJson } from '../askSource.ts';
import { fault } from '../quarterHours.ts';
import { carbonContent, perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import { quarterS } from '../SignalSeries.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';

/**
 * Energy-Charts (Fraunhofer ISE): prices by `/price?bzn=` (`{unix_seconds, price, unit: "EUR / MWh"}`), carbon by
 * `/co2eq?country=` (`{unix_seconds, co2eq, co2eq_forecast}`, g/kWh). Quarter-hours since 1 October 2025, hours before.
 */
export function energyCharts(
  kind: 'price' | 'carbon',
  source: SourceConfig<'energy-charts'>,
  ports: SourcePorts,
): SignalSource {
  return {
    async read(span, signal) {
      const days = `start=${dayOf(span.from)}&end=${dayOf(span.to - 1)}`;
      const path =
        kind === 'price' ? `price?bzn=${source.zone}` : `co2eq?country=${source.zone.toLowerCase()}`;
      const answer = await askForJson(ports, { url: `${source.url}/${path}&${days}` }, signal);
      if (!answer.ok) return answer;
      if (!isRecord(answer.value)) return fault('unexpected-form', 'the answer is no object');
      const { unix_seconds: times, price, unit, co2eq, co2eq_forecast: forecast } = answer.value;
      if (kind === 'carbon') {
        const said = saidOf(times, co2eq, forecast);
        return said.ok ? carbonContent(said.value, span) : said;
      }
      const [, currency, energy] = /^([A-Z]{3}) ?\/ ?(\w+)$/.exec(String(unit)) ?? [];
      if (currency === undefined || energy !== 'MWh')
        return fault('wrong-unit', `${String(unit).slice(0, 20)} is not per MWh`);
      if (currency !== ports.currency) return fault('wrong-currency', `${currency} is not ${ports.currency}`);
      const said = saidOf(times, price);
      return said.ok ? priceContent(priceRow(said.value, perMwh, span), currency) : said;
    },
  };
}

const dayOf = (at: number) => printDateTime(at).slice(0, 10);

/**
 * Values beside their times; where the first list knows none the second does. A value holds as long as the
 * shortest step of the answer, so that a hole stays one.
 */
function saidOf(times: unknown, values: unknown, others: unknown = []): SourceAnswer<readonly SaidStretch[]> {
  const rest = Array.isArray(others) ? (others as unknown[]) : [];
  if (!Array.isArray(times) || !Array.isArray(values) || times.length !== values.length)
    return fault('unexpected-form', 'times and values are no lists of one length');
  const at = times as unknown[];
  if (!at.every((time): time is number => Number.isSafeInteger(time)))
    return fault('unexpected-form', 'a time is no whole number of seconds');
  const sorted = [...new Set(at)].toSorted((a, b) => a - b);
  const steps = sorted.slice(1).map((time, index) => time - (sorted[index] as number));
  const stepS = steps.length === 0 ? quarterS : Math.min(...steps, 3_600);
  const said: SaidStretch[] = [];
  for (const [index, from] of at.entries()) {
    const value = (values as unknown[])[index] ?? rest[index] ?? null;
    if (value !== null && typeof value !== 'number')
      return fault('unexpected-form', `the value at ${from} is no number`);
    said.push({ from, to: from + stepS, said: value });
  }
  return { ok: true, value: said };
}
