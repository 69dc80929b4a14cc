import { directionOf } from '@p2p-power/chain/ForcedClaims';
import type { ChainEvent } from '@p2p-power/chain/followEvents';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { Entry } from '../ledger/bookEntries.ts';
import { disputeEntry, forcedEntry } from '../ledger/makeEntries.ts';
import type { AuditFinding } from './AuditFinding.ts';

/** A forced claim between the audited provider and another, while it is open. */
export interface AuditedClaim {
  readonly direction: 'charge' | 'credit';
  /** Party ids. */
  readonly debtor: string;
  readonly creditor: string;
  /** Party id; null where whoever made it is no member. */
  readonly maker: string | null;
  readonly amountMicro: bigint;
}

export interface ClaimsAudit {
  readonly db: Kysely<Database>;
  readonly providerId: string;
  /** By claim id; moved on with the events. */
  readonly claims: Map<Hex, AuditedClaim>;
  readonly say: (finding: AuditFinding) => void;
}

const lower = (hex: string) => hex.toLowerCase() as Hex;
const objections = ['settled', 'revoked', 'meter'] as const;

/** Checks what the books say of a forced claim; answers the entry that the ledger must have for the event. */
export async function auditClaimEvent(audit: ClaimsAudit, event: ChainEvent): Promise<Entry | null> {
  const { claims, providerId: me } = audit;
  switch (event.name) {
    case 'ForcedClaimRaised': {
      const { claim } = event.args;
      const [debtor, creditor] = [decodeMemberId(claim.debtor), decodeMemberId(claim.creditor)];
      if (debtor !== me && creditor !== me) return null;
      claims.set(lower(event.args.claimId), {
        direction: directionOf(claim),
        debtor,
        creditor,
        maker: /[1-9a-f]/i.test(claim.makerId.slice(2)) ? decodeMemberId(claim.makerId) : null,
        amountMicro: claim.amountMicro,
      });
      return null;
    }
    case 'ForcedClaimObjected': {
      const { held, feeMicro, kind } = event.args;
      const claimId = lower(event.args.claimId);
      const claim = claims.get(claimId);
      if (claim === undefined) return null;
      if (held) {
        claims.delete(claimId);
        await checkState(audit, claimId, claim, 'void');
      }
      if (feeMicro === 0n) return null;
      const [payer, payee] = held ? [claim.maker, claim.debtor] : [claim.debtor, claim.maker];
      if (payer !== me && payee !== me) return null;
      const peer = (payer === me ? payee : payer) ?? claim.creditor;
      const reference = `${claimId}:${objections[kind] ?? null}:${event.txHash}`;
      return disputeEntry({ reference, peer, amountMicro: feeMicro, paid: payer === me }, 0);
    }
    case 'ForcedClaimPaid': {
      const { payee, payeeMicro, feeMicro } = event.args;
      const claimId = lower(event.args.claimId);
      const claim = claims.get(claimId);
      if (claim === undefined) return null;
      claims.delete(claimId);
      await checkState(audit, claimId, claim, 'paid');
      const { direction, debtor, creditor, amountMicro } = claim;
      const operatorMicro = await operatorMicroOf(audit.db, claimId);
      return forcedEntry(
        me,
        {
          claimId,
          direction,
          debtor,
          creditor,
          operatorMicro,
          payee: lower(payee),
          totalMicro: amountMicro,
          feeMicro: amountMicro - payeeMicro,
          // A fee of the debtor's is not issued: then what was issued is less than what was claimed.
          feeTo: payeeMicro + feeMicro < amountMicro ? 'debtor' : 'creditor',
        },
        0,
      );
    }
    default:
      return null;
  }
}

/** What of the claimed charge is its operator's, by the books; null: all. */
async function operatorMicroOf(db: Kysely<Database>, claimId: Hex): Promise<bigint | null> {
  const charged = await db
    .selectFrom('forced_claim')
    .innerJoin('charge', 'charge.cdr_id', 'forced_claim.cdr_id')
    .select('operator_micro')
    .where('claim_id', '=', claimId)
    .executeTakeFirst();
  const micro = charged?.operator_micro ?? null;
  return micro === null ? null : BigInt(micro);
}

async function checkState(
  { db, say }: ClaimsAudit,
  claimId: Hex,
  claim: AuditedClaim,
  state: 'paid' | 'void',
): Promise<void> {
  const row = await db
    .selectFrom('forced_claim')
    .select(['state', 'amount_micro'])
    .where('claim_id', '=', claimId)
    .executeTakeFirst();
  const place = { claimId, debtor: claim.debtor, creditor: claim.creditor };
  if (row === undefined) {
    say({ name: 'forced-claim-missing', detail: `${state} on the chain and not in the books`, ...place });
    return;
  }
  const [expected, found] = [`${state}, ${claim.amountMicro}`, `${row.state}, ${row.amount_micro}`];
  if (expected !== found)
    say({ name: 'forced-claim-differs', detail: 'the books say otherwise', expected, found, ...place });
}
