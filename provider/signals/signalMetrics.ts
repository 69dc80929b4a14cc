import { parseSignalContent } from '@p2p-power/protocol/Signal';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProviderContext } from '../ProviderContext.ts';
import { knownUntil } from './SignalSeries.ts';

type Faults = Counter<'kind' | 'area' | 'fault'>;
const known = new WeakMap<Registry, Faults>();

/** Counts answers of sources that were not believed, by name. */
export function signalFaultsTotal(registry: Registry): Faults {
  let counter = known.get(registry);
  if (counter === undefined) {
    counter = new Counter({
      name: 'p2p_power_signal_faults_total',
      help: 'Answers of signals’ sources that were not believed, by fault',
      labelNames: ['kind', 'area', 'fault'],
      registers: [registry],
    });
    known.set(registry, counter);
  }
  return counter;
}

/** Has age and reach of each signal read whenever Prometheus asks. */
export function registerSignalMetrics(context: ProviderContext): void {
  const registers = [context.metrics.registry];
  signalFaultsTotal(context.metrics.registry);
  const read = () =>
    context.db.selectFrom('signal_series').select(['kind', 'area', 'heard_at', 'content']).execute();
  new Gauge({
    name: 'p2p_power_signal_age_seconds',
    help: 'Seconds since the source of a signal last said something that was believed',
    labelNames: ['kind', 'area'],
    registers,
    async collect() {
      this.reset();
      for (const { kind, area, heard_at } of await read())
        if (heard_at !== null) this.set({ kind, area }, context.clock.nowS() - Number(heard_at));
    },
  });
  new Gauge({
    name: 'p2p_power_signal_ahead_seconds',
    help: 'How far ahead a signal is known; negative where it has run out',
    labelNames: ['kind', 'area'],
    registers,
    async collect() {
      this.reset();
      for (const { kind, area, content } of await read()) {
        const parsed = parseSignalContent(content);
        const until = parsed && knownUntil(parsed);
        if (until !== undefined) this.set({ kind, area }, until - context.clock.nowS());
      }
    },
  });
}
