import { isRecord } from '@p2p-power/protocol/SignedObject';
import { askForJson, recordsOf } from '../askSource.ts';
import { fault } from '../quarterHours.ts';
import { perMwh, priceContent, priceRow, type SaidStretch } from '../rowContent.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';

/**
 * aWATTar's market data: day-ahead prices by the hour, `{data: [{start_timestamp, end_timestamp, marketprice,
 * unit: "Eur/MWh"}]}`, times in ms.
 */
export function awattar(source: SourceConfig<'awattar'>, ports: SourcePorts): SignalSource {
  const url = source.url ?? `https://api.awattar.${source.country}`;
  return {
    async read(span, signal) {
      const query = `start=${span.from * 1000}&end=${span.to * 1000}`;
      const answer = await askForJson(ports, { url: `${url}/v1/marketdata?${query}` }, signal);
      if (!answer.ok) return answer;
      const data = isRecord(answer.value) ? recordsOf(answer.value.data) : undefined;
      if (data === undefined) return fault('unexpected-form', 'data is no list of objects');
      const said: SaidStretch[] = [];
      for (const { start_timestamp: start, end_timestamp: end, marketprice, unit } of data) {
        const [, currency, energy] = /^([A-Za-z]{3}) ?\/ ?(\w+)$/.exec(String(unit)) ?? [];
        if (currency === undefined || energy?.toLowerCase() !== 'mwh')
          return fault('wrong-unit', `${String(unit).slice(0, 20)} is not per MWh`);
        if (currency.toUpperCase() !== ports.currency)
          return fault('wrong-currency', `${currency} is not ${ports.currency}`);
        if (typeof start !== 'number' || typeof end !== 'number')
          return fault('unexpected-form', 'a time stamp is no number');
        if (marketprice !== null && typeof marketprice !== 'number')
          return fault('unexpected-form', 'marketprice is no number');
        said.push({ from: start / 1000, to: end / 1000, said: marketprice });
      }
      return priceContent(priceRow(said, perMwh, span), ports.currency);
    },
  };
}
