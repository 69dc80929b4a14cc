import { sql } from 'kysely';
import { Gauge } from 'prom-client';
import type { ProviderContext } from '../ProviderContext.ts';
import { readIssuance } from './watchIssuance.ts';

/** Has what the treasurer must not miss read whenever Prometheus asks. */
export function registerMoneyMetrics(context: ProviderContext): void {
  const registers = [context.metrics.registry];
  new Gauge({
    name: 'p2p_power_issuance_micro',
    help: 'Our issuance limit, what is left of it, and what accepted charges will draw; micro-units',
    labelNames: ['what'],
    registers,
    async collect() {
      this.reset();
      if (context.chain === undefined) return;
      const issuance = await readIssuance(context, context.chain).catch(() => undefined);
      if (issuance === undefined) return;
      this.set({ what: 'limit' }, Number(issuance.limitMicro));
      this.set({ what: 'headroom' }, Number(issuance.headroomMicro));
      this.set({ what: 'awaiting' }, Number(issuance.awaitingMicro));
    },
  });
  new Gauge({
    name: 'p2p_power_redemptions',
    help: 'Redemptions asked of us that are not paid: open, due soon, overdue, paying',
    labelNames: ['state'],
    registers,
    async collect() {
      const now = context.clock.nowS();
      const soon = now + context.config.redemptionWarningS;
      const rows = await sql<{ state: string; n: string }>`
        select case when state = 'paying' then 'paying' when due_at < ${now} then 'overdue'
          when due_at < ${soon} then 'due-soon' else 'open' end as state, count(*) as n
        from redemption where provider = ${context.config.providerId} and state in ('open', 'paying')
        group by 1`.execute(context.db);
      for (const state of ['open', 'due-soon', 'overdue', 'paying']) this.set({ state }, 0);
      for (const row of rows.rows) this.set({ state: row.state }, Number(row.n));
    },
  });
  new Gauge({
    name: 'p2p_power_bank_entries',
    help: 'What the bank told and is not done: matched waits for the chain, unmatched for people',
    labelNames: ['state'],
    registers,
    async collect() {
      const rows = await sql<{ state: string; n: string }>`
        select state, count(*) as n from bank_entry where state <> 'done' group by state`.execute(context.db);
      for (const state of ['matched', 'unmatched']) this.set({ state }, 0);
      for (const row of rows.rows) this.set({ state: row.state }, Number(row.n));
    },
  });
}
