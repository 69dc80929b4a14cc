import { isRecord } from '@p2p-power/protocol/SignedObject';
import { askForJson } from '../askSource.ts';
import { fault } from '../quarterHours.ts';
import { perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';

/** SMARD's numbers of the series "market price", by bidding zone. */
const filters = { 'DE-LU': 4169, AT: 4170 } as const;

/**
 * SMARD (Bundesnetzagentur): an index of the beginnings of weeks, in ms, and for each week `{series: [[ms, EUR/MWh or
 * null]]}`. Asks for the weeks that hold the span.
 */
export function smard(source: SourceConfig<'smard'>, ports: SourcePorts): SignalSource {
  const filter = filters[source.zone];
  const { resolution, zone } = source;
  const stepS = resolution === 'hour' ? 3_600 : 900;
  const folder = `${source.url}/${filter}/${zone}`;
  return {
    async read(span, signal) {
      // SMARD publishes euros only.
      if (ports.currency !== 'EUR') return fault('wrong-currency', `EUR is not ${ports.currency}`);
      const index = await askForJson(ports, { url: `${folder}/index_${resolution}.json` }, signal);
      if (!index.ok) return index;
      const times = isRecord(index.value) ? index.value.timestamps : undefined;
      if (!Array.isArray(times) || !times.every((time): time is number => Number.isSafeInteger(time)))
        return fault('unexpected-form', 'timestamps is no list of whole numbers');
      const weeks = times.toSorted((a, b) => a - b);
      const first = Math.max(
        0,
        weeks.findLastIndex((time) => time <= span.from * 1000),
      );
      const said: SaidStretch[] = [];
      for (const week of weeks.slice(first).filter((time) => time < span.to * 1000)) {
        const url = `${folder}/${filter}_${zone}_${resolution}_${week}.json`;
        const answer = await askForJson(ports, { url }, signal);
        if (!answer.ok) return answer;
        const series = isRecord(answer.value) ? answer.value.series : undefined;
        if (!Array.isArray(series)) return fault('unexpected-form', 'series is no list');
        for (const pair of series as unknown[]) {
          const [ms, value] = Array.isArray(pair) ? (pair as unknown[]) : [];
          if (typeof ms !== 'number' || (value !== null && typeof value !== 'number'))
            return fault('unexpected-form', 'series has an item that is no pair of time and price');
          const from = ms / 1000;
          said.push({ from, to: from + stepS, said: value });
        }
      }
      return priceContent(priceRow(said, perMwh, span), 'EUR');
    },
  };
}
