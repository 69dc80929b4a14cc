import { Counter, type Registry } from 'prom-client';

/** What is counted of CDRs handed in by stations, couriers and peers. */
export interface IntakeMetrics {
  /** `outcome` is accepted, already-known, or the name of the refusal. */
  readonly cdrs: Counter<'source' | 'outcome'>;
  readonly segments: Counter<'outcome'>;
}

const known = new WeakMap<Registry, IntakeMetrics>();

export function intakeMetrics(registry: Registry): IntakeMetrics {
  let metrics = known.get(registry);
  if (metrics === undefined) {
    metrics = {
      cdrs: new Counter({
        name: 'p2p_power_cdrs_total',
        help: 'CDRs handed in, by who brought them and what became of them',
        labelNames: ['source', 'outcome'],
        registers: [registry],
      }),
      segments: new Counter({
        name: 'p2p_power_segments_total',
        help: 'Sealed segments handed in, by outcome',
        labelNames: ['outcome'],
        registers: [registry],
      }),
    };
    known.set(registry, metrics);
  }
  return metrics;
}
