import { sql } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/** How far we may still issue, and what is about to draw on it; micro-units. */
export interface Issuance {
  readonly positionMicro: bigint;
  readonly limitMicro: bigint;
  /** Below zero where the limit was lowered under the position. */
  readonly headroomMicro: bigint;
  /** What we owe peers for charges that we accepted and that no batch has settled: it will be issued. */
  readonly awaitingMicro: bigint;
  /**
   * - `refused-soon`: what awaits does not fit: the chain will refuse the batch that passes the limit
   * - `scarce`: less than a fifth of the limit is left
   */
  readonly warning: 'refused-soon' | 'scarce' | null;
}

/** Throws `ChainFault` where the chain is away. */
export async function readIssuance(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  chain: ClearingChain,
): Promise<Issuance> {
  const { positionMicro, limitMicro } = await chain.issuance(config.providerId);
  const payable = await sql<{ owed: string }>`
    select coalesce(sum(-balance_micro), 0) as owed from ledger_balance
    where kind = 'peer-payable' and balance_micro < 0`.execute(db);
  const awaitingMicro = BigInt(payable.rows[0]?.owed ?? 0);
  const headroomMicro = limitMicro - positionMicro;
  const warning =
    awaitingMicro > headroomMicro ? 'refused-soon' : 5n * headroomMicro < limitMicro ? 'scarce' : null;
  return { positionMicro, limitMicro, headroomMicro, awaitingMicro, warning };
}

/** What was said last, so that a change is logged and not every look. */
const said = new WeakMap<ProviderContext, Issuance['warning']>();

/** Warns before the limit refuses a batch: redeem, net, or have the consortium vote for a higher one. */
export async function warnOfIssuance(context: ProviderContext, chain: ClearingChain): Promise<Issuance> {
  const issuance = await readIssuance(context, chain);
  const { warning, headroomMicro, awaitingMicro, limitMicro } = issuance;
  if (warning !== null && said.get(context) !== warning)
    context.log.warn(
      {
        headroomMicro: String(headroomMicro),
        awaitingMicro: String(awaitingMicro),
        limitMicro: String(limitMicro),
      },
      warning === 'scarce'
        ? 'less than a fifth of the issuance limit is left'
        : 'what was accepted passes the issuance limit: its batch will be refused',
    );
  said.set(context, warning);
  return issuance;
}
