import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What Prometheus is told; domains add their own with `registers: [metrics.registry]`. */
export interface ProviderMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'method' | 'route' | 'status'>;
  readonly requestSeconds: Histogram<'method' | 'route'>;
  readonly jobs: Counter<'job' | 'outcome'>;
}

export function createMetrics(options: { readonly defaults: boolean }): ProviderMetrics {
  const registry = new Registry();
  if (options.defaults) collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'p2p_power_http_requests_total',
      help: 'Requests answered, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers: [registry],
    }),
    requestSeconds: new Histogram({
      name: 'p2p_power_http_request_seconds',
      help: 'Time to answer',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [registry],
    }),
    jobs: new Counter({
      name: 'p2p_power_jobs_total',
      help: 'Runs of background work, by outcome',
      labelNames: ['job', 'outcome'],
      registers: [registry],
    }),
  };
}
