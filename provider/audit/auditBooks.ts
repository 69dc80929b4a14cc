import type { Batch as ChainBatch } from '@p2p-power/chain/BatchSigning';
import type { ChainEvent } from '@p2p-power/chain/followEvents';
import { decodeMemberId, encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Ledger } from '@p2p-power/chain/model/LedgerModel';
import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { Entry } from '../ledger/bookEntries.ts';
import {
  claimEntry,
  creditorSettlementEntry,
  debtorSettlementEntry,
  receiptEntry,
  redemptionEntry,
} from '../ledger/makeEntries.ts';
import type { AuditFinding } from './AuditFinding.ts';
import type { AuditState } from './AuditState.ts';
import { type AgreementFee, auditBatch } from './auditBatch.ts';
import { auditClaimEvent } from './auditClaims.ts';
import type { EvidencedCharge } from './checkStoredCharge.ts';

/** A provider's books, and what one must know to check them. */
export interface Books {
  readonly db: Kysely<Database>;
  readonly networkId: Hex;
  /** Party id. */
  readonly providerId: string;
  /** What an agreement says of the fee of a batch that was settled in that block; null where the chain knows no such agreement. */
  readonly feeTerms: (batch: ChainBatch, blockNumber: number) => Promise<AgreementFee | null>;
  /** The judge, where signatures are to be checked again. */
  readonly judge: ((charge: EvidencedCharge) => Promise<string | null>) | null;
}

export interface BooksAudit {
  /** Checks what the books say of an event; called after the ledger model has moved on by it. */
  apply(event: ChainEvent, state: AuditState): Promise<void>;
}

const lower = (hex: string) => hex.toLowerCase() as Hex;

/** Follows the chain's events beside the books of one provider; says what is missing or differs in them. */
export function openBooksAudit(
  books: Books,
  say: (finding: AuditFinding) => void,
  onCharges: (count: number) => void,
): BooksAudit {
  const me = books.providerId;
  const myId = encodeMemberId(me);

  const checkEntry = async (state: AuditState, event: ChainEvent, expected: Entry): Promise<void> => {
    state.entries.set(expected.kind, (state.entries.get(expected.kind) ?? 0) + 1);
    const place = { txHash: event.txHash, blockNumber: event.blockNumber };
    const { rows } = await sql<{ kind: string; owner: string; amount_micro: string }>`
      select account.kind, account.owner, line.amount_micro from ledger_entry entry
      join ledger_line line on line.entry_id = entry.id
      join ledger_account account on account.id = line.account_id
      where entry.kind = ${expected.kind} and entry.reference = ${expected.reference}`.execute(books.db);
    const named = `${expected.kind} ${expected.reference}`;
    if (rows.length === 0) {
      say({ name: 'entry-missing', detail: `the ledger has no entry ${named}`, ...place });
      return;
    }
    const [must, is] = [
      printLines(expected.lines),
      printLines(rows.map((row) => ({ ...row, amountMicro: BigInt(row.amount_micro) }))),
    ];
    if (must !== is)
      say({
        name: 'entry-differs',
        detail: `the ledger’s entry ${named} is another`,
        expected: must,
        found: is,
        ...place,
      });
  };

  return {
    async apply(event, state) {
      switch (event.name) {
        case 'BatchSettled': {
          const { batch, sequence } = event.args;
          const [channelId, batchHash] = [lower(event.args.channelId), lower(event.args.batchHash)];
          const [debtor, creditor] = [decodeMemberId(batch.debtor), decodeMemberId(batch.creditor)];
          if (debtor !== me && creditor !== me) return;
          const payouts = state.payouts.get(channelId) ?? new Map<Hex, bigint>();
          state.payouts.set(channelId, payouts);
          const creditorAccount = accountOf(state.ledger, batch.creditor);
          const feeTerms = await books.feeTerms(batch, event.blockNumber);
          const { grossMicro, paidMicro, shortMicro } = await auditBatch(
            {
              ...books,
              feeTerms,
              creditorAccount,
              say,
              onCharges,
            },
            { channelId, batchHash, batch, txHash: lower(event.txHash), blockNumber: event.blockNumber },
            payouts,
          );
          state.counts.ownBatches += 1;
          const settled = {
            channelId,
            sequence,
            debtor,
            creditor,
            totalMicro: batch.totalMicro,
            feeMicro: batch.feeMicro,
            feeTo: feeTerms?.feeTo ?? 'creditor',
            shares: [...grossMicro]
              .filter(([account]) => account !== creditorAccount)
              .map(([account, micro]) => ({
                account,
                grossMicro: micro,
                payoutMicro: paidMicro.get(account) ?? 0n,
                shortMicro: shortMicro.get(account) ?? 0n,
              })),
          };
          const entryOf = debtor === me ? debtorSettlementEntry : creditorSettlementEntry;
          await checkEntry(state, event, entryOf(settled, 0));
          return;
        }
        case 'Claimed': {
          const { paidMicro, claimedMicro } = event.args;
          const [channelId, account] = [lower(event.args.channelId), lower(event.args.account)];
          const channel = state.ledger.channels.get(event.args.channelId);
          if (channel === undefined) return;
          const owed = state.payouts.get(channelId);
          if (owed !== undefined && claimedMicro > (owed.get(account) ?? 0n))
            say({
              name: 'claim-above-payout',
              detail: 'paid out of the channel more than the account’s charges come to',
              channelId,
              account,
              expected: `${owed.get(account) ?? 0n}`,
              found: `${claimedMicro}`,
              txHash: event.txHash,
              blockNumber: event.blockNumber,
            });
          if (decodeMemberId(channel.creditor) !== me) return;
          await checkEntry(
            state,
            event,
            claimEntry(
              {
                channelId,
                debtor: decodeMemberId(channel.debtor),
                account,
                isOurs: account === accountOf(state.ledger, myId),
                paidMicro,
                claimedMicro,
              },
              0,
            ),
          );
          return;
        }
        case 'RedemptionRequested': {
          const { holder, provider, amountMicro } = event.args;
          if (decodeMemberId(provider) !== me) return;
          await checkRedemption(books.db, say, event.args.redemptionId, (row) => [
            ['holder', lower(holder), row.holder],
            ['amount', `${amountMicro}`, row.amount_micro],
          ]);
          return;
        }
        case 'RedemptionPaid': {
          const { provider, amountMicro } = event.args;
          if (decodeMemberId(provider) !== me) return;
          const redemptionId = lower(event.args.redemptionId);
          await checkRedemption(books.db, say, redemptionId, (row) => [['state', 'paid', row.state]]);
          await checkEntry(state, event, redemptionEntry(redemptionId, amountMicro, 0));
          return;
        }
        case 'ReceiptConfirmed': {
          const { receiver, payer, amountMicro, bankReference } = event.args;
          const [to, from] = [decodeMemberId(receiver), decodeMemberId(payer)];
          if (to !== me && from !== me) return;
          const receipt = { receiver: to, bankReference: lower(bankReference), amountMicro };
          await checkEntry(state, event, receiptEntry({ ...receipt, received: to === me }, 0));
          return;
        }
        default: {
          const { claims } = state;
          const entry = await auditClaimEvent({ db: books.db, providerId: me, claims, say }, event);
          if (entry !== null) await checkEntry(state, event, entry);
        }
      }
    },
  };
}

/** The account of a member by what the events have said so far. */
const accountOf = (ledger: Ledger, memberId: Hex): Hex =>
  ledger.members.get(memberId)?.account ?? `0x${'0'.repeat(40)}`;

interface RedemptionRow {
  readonly holder: string;
  readonly amount_micro: string;
  readonly state: string;
}

export async function checkRedemption(
  db: Kysely<Database>,
  say: (finding: AuditFinding) => void,
  id: string,
  facts: (row: RedemptionRow) => readonly (readonly [string, string, string])[],
): Promise<void> {
  const redemptionId = lower(id);
  const row = await db
    .selectFrom('redemption')
    .select(['holder', 'amount_micro', 'state'])
    .where('redemption_id', '=', redemptionId)
    .executeTakeFirst();
  if (row === undefined) {
    say({ name: 'redemption-missing', detail: 'on the chain and not in the books', redemptionId });
    return;
  }
  for (const [what, expected, found] of facts(row))
    if (expected !== found)
      say({
        name: 'redemption-differs',
        detail: `its ${what} is not what the chain says`,
        redemptionId,
        expected,
        found,
      });
}

/** Lines in one form: accounts once each, in order, without those that come to nothing. */
function printLines(
  lines: readonly { readonly kind: string; readonly owner: string; readonly amountMicro: bigint }[],
): string {
  const sums = new Map<string, bigint>();
  for (const { kind, owner, amountMicro } of lines) {
    const name = `${kind} ${owner}`.trim();
    sums.set(name, (sums.get(name) ?? 0n) + amountMicro);
  }
  return [...sums]
    .filter(([, micro]) => micro !== 0n)
    .map(([name, micro]) => `${name}: ${micro}`)
    .toSorted()
    .join(', ');
}
