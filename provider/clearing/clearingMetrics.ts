import { sql } from 'kysely';
import { Gauge } from 'prom-client';
import type { ProviderContext } from '../ProviderContext.ts';
import { batchStates } from './ClearingTables.ts';
import { readCredit } from './readOutstanding.ts';

/** Has the depth of the outbox and the states of batches read whenever Prometheus asks. */
export function registerClearingMetrics(context: ProviderContext): void {
  const registers = [context.metrics.registry];
  new Gauge({
    name: 'p2p_power_outbox_cdrs',
    help: 'CDRs that wait to be handed to their driver’s provider',
    labelNames: ['peer'],
    registers,
    async collect() {
      this.reset();
      const rows = await sql<{ peer: string; n: string }>`
        select peer, count(*) as n from outbox group by peer`.execute(context.db);
      for (const row of rows.rows) this.set({ peer: row.peer }, Number(row.n));
    },
  });
  new Gauge({
    name: 'p2p_power_batches',
    help: 'Batches by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const rows = await sql<{ state: string; n: string }>`
        select state, count(*) as n from batch group by state`.execute(context.db);
      for (const state of batchStates) this.set({ state }, 0);
      for (const row of rows.rows) this.set({ state: row.state }, Number(row.n));
    },
  });
  new Gauge({
    name: 'p2p_power_peer_outstanding_micro',
    help: 'What a peer owes and has not settled, in micro-units of the currency',
    labelNames: ['peer'],
    registers,
    async collect() {
      this.reset();
      for (const { peer, outstandingMicro } of await readCredit(context))
        this.set({ peer }, outstandingMicro);
    },
  });
  new Gauge({
    name: 'p2p_power_peer_credit_limit_micro',
    help: 'What a peer that owes something may owe by the agreement, in micro-units of the currency',
    labelNames: ['peer'],
    registers,
    async collect() {
      this.reset();
      for (const { peer, creditLimitMicro } of await readCredit(context))
        if (creditLimitMicro !== null) this.set({ peer }, creditLimitMicro);
    },
  });
  const reports = () => context.chain?.endpoints?.() ?? [];
  new Gauge({
    name: 'p2p_power_chain_endpoint_up',
    help: 'Whether a node of the chain answers, is of the right chain and does not lag',
    labelNames: ['endpoint'],
    registers,
    collect() {
      this.reset();
      // One that was never asked is not known to be down.
      for (const { name, state, isLagging } of reports())
        if (state !== 'untried') this.set({ endpoint: name }, state === 'sound' && !isLagging ? 1 : 0);
    },
  });
  new Gauge({
    name: 'p2p_power_chain_endpoint_block',
    help: 'The newest block that a node of the chain is known to have',
    labelNames: ['endpoint'],
    registers,
    collect() {
      this.reset();
      for (const { name, blockNumber } of reports())
        if (blockNumber !== null) this.set({ endpoint: name }, blockNumber);
    },
  });
}
