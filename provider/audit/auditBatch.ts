import type { Batch as ChainBatch } from '@p2p-power/chain/BatchSigning';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import { operatorPart } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';
import { openLeafList, payoutLeaf, settledChargeLeaf } from '@p2p-power/protocol/LeafList';
import { feeOf } from '@p2p-power/protocol/PeeringFee';
import type { Kysely } from 'kysely';
import { type BatchRow, batchOf } from '../clearing/BatchBook.ts';
import { maxBatchCharges } from '../clearing/buildNextBatch.ts';
import type { Database } from '../database/Database.ts';
import type { AuditFinding, FindingName } from './AuditFinding.ts';
import { checkStoredCharge, type EvidencedCharge } from './checkStoredCharge.ts';
import { type BatchCharge, readBatchCharges } from './readBatchCharges.ts';

/** A batch as the chain settled it. */
export interface SettledBatch {
  readonly channelId: Hex;
  readonly batchHash: Hex;
  readonly batch: ChainBatch;
  readonly txHash: Hex;
  readonly blockNumber: number;
}

/** What an agreement says of the fee. */
export interface AgreementFee {
  readonly feeShareBp: number;
  readonly feeMicroPerKwh: number;
  /** Whose it is. */
  readonly feeTo: 'creditor' | 'debtor';
  /** What the pair's own terms contract makes of this very batch; null where there is none. */
  readonly statedMicro: bigint | null;
}

/** What one needs beside the books to check a batch. */
export interface BatchAudit {
  readonly networkId: Hex;
  readonly db: Kysely<Database>;
  /** What the agreement of a batch gives the creditor; null where the chain knows no such agreement. */
  readonly feeTerms: AgreementFee | null;
  /** The account that is paid for what the creditor's drivers gave back. */
  readonly creditorAccount: Hex;
  /** The judge, where signatures are to be checked again: the refusal, or null. */
  readonly judge: ((charge: EvidencedCharge) => Promise<string | null>) | null;
  readonly say: (finding: AuditFinding) => void;
  /** Hears how many charges were checked, page by page. */
  readonly onCharges: (count: number) => void;
}

/** What the charges of a batch are for each account: fee included, what is paid of it, and what commissions fall short by. */
export interface BatchShares {
  readonly grossMicro: ReadonlyMap<Hex, bigint>;
  readonly paidMicro: ReadonlyMap<Hex, bigint>;
  readonly shortMicro: ReadonlyMap<Hex, bigint>;
}

/**
 * Checks a settled batch against the books and the evidence in them: rebuilds count, energy, total, fee and
 * both roots from nothing but stored evidence and the agreement. `payouts` is what each account was ever
 * owed in the channel, by the batches before; it is moved on to this one.
 */
export async function auditBatch(
  audit: BatchAudit,
  settled: SettledBatch,
  payouts: Map<Hex, bigint>,
): Promise<BatchShares> {
  const { batch, channelId } = settled;
  const [debtor, creditor] = [decodeMemberId(batch.debtor), decodeMemberId(batch.creditor)];
  const place = { channelId, debtor, creditor, sequence: String(batch.sequence) };
  const say = (name: FindingName, detail: string, more: Partial<AuditFinding> = {}) =>
    audit.say({ name, detail, ...place, ...more });
  const differs = (name: FindingName, what: string, expected: unknown, found: unknown) => {
    if (String(expected) !== String(found))
      say(name, `${what} is not what the evidence comes to`, {
        expected: String(expected),
        found: String(found),
      });
  };

  const row = await audit.db
    .selectFrom('batch')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('sequence', '=', String(batch.sequence))
    .executeTakeFirst();
  if (row === undefined)
    say('batch-missing', 'settled on the chain and not in the books', {
      expected: settled.batchHash,
      txHash: settled.txHash,
      blockNumber: settled.blockNumber,
    });
  else compareRow(row, settled, say);

  const leaves = openLeafList();
  const grossMicro = new Map<Hex, bigint>();
  const paidMicro = new Map<Hex, bigint>();
  const shortMicro = new Map<Hex, bigint>();
  let [energyWh, totalMicro, feeMicro] = [0n, 0n, 0n];
  const key = { debtor, creditor, sequence: batch.sequence };
  for await (const page of readBatchCharges(audit.db, key, maxBatchCharges + 1)) {
    for (const stored of page) {
      const charge = checkStoredCharge(audit.networkId, stored, (finding) =>
        audit.say({ ...place, cdrId: stored.cdr_id, ...finding }),
      );
      if (charge === null) continue;
      const refusal = await audit.judge?.(charge);
      if (refusal) say('evidence-refused', refusal, { cdrId: stored.cdr_id });
      const part = partOf(stored, charge, audit.creditorAccount);
      leaves.add(settledChargeLeaf(audit.networkId, part));
      const fee = audit.feeTerms === null ? 0n : feeOfPart(part, batch, audit.feeTerms);
      if (audit.feeTerms !== null && stored.side === 'charge' && stored.fee_micro !== String(fee))
        say('charge-fee-differs', 'the fee booked is not the agreement’s', {
          cdrId: stored.cdr_id,
          expected: String(fee),
          found: String(stored.fee_micro),
        });
      energyWh += BigInt(part.energyWh);
      totalMicro += BigInt(part.chargeMicro);
      feeMicro += fee;
      const earnedMicro = BigInt(part.operatorMicro ?? part.chargeMicro);
      const operatorPaidMicro = operatorPart(part, fee);
      add(grossMicro, part.operatorAccount, earnedMicro);
      add(paidMicro, part.operatorAccount, operatorPaidMicro);
      if (part.operatorMicro === undefined) continue;
      add(shortMicro, part.operatorAccount, earnedMicro - operatorPaidMicro);
      const ownPaidMicro = BigInt(part.chargeMicro) - fee - operatorPaidMicro;
      add(grossMicro, audit.creditorAccount, BigInt(part.chargeMicro) - earnedMicro);
      if (ownPaidMicro > 0n) add(paidMicro, audit.creditorAccount, ownPaidMicro);
    }
    audit.onCharges(page.length);
  }
  differs('count-differs', 'the number of charges', batch.count, leaves.size);
  differs('energy-differs', 'the energy, Wh,', batch.energyWh, energyWh);
  differs('total-differs', 'the total', batch.totalMicro, totalMicro);
  if (audit.feeTerms === null) say('fee-differs', `the chain knows no agreement ${batch.agreementId}`);
  else differs('fee-differs', 'the fee', batch.feeMicro, feeMicro);
  differs('cdr-root-differs', 'the root of the charges', batch.cdrRoot.toLowerCase(), leaves.root());

  for (const [account, micro] of paidMicro) add(payouts, account, micro);
  const booked = await bookedPayouts(audit.db, channelId, batch.sequence);
  for (const account of new Set([...paidMicro.keys(), ...booked.keys()])) {
    const expected = {
      gross: grossMicro.get(account) ?? 0n,
      payout: paidMicro.get(account) ?? 0n,
      cumulative: payouts.get(account) ?? 0n,
    };
    const found = booked.get(account) ?? { gross: 0n, payout: 0n, cumulative: 0n };
    if (printPayout(expected) !== printPayout(found))
      say('payout-differs', 'what the account is owed is not what its charges come to', {
        account,
        expected: printPayout(expected),
        found: printPayout(found),
      });
  }
  const own = payoutsRoot(channelId, payouts);
  differs('payouts-root-differs', 'the root of the payouts', batch.payoutsRoot.toLowerCase(), own);
  const shares = { grossMicro, paidMicro, shortMicro };
  if (own === batch.payoutsRoot.toLowerCase()) return shares;
  // Where the charges are wrong and the payouts of the books are what was settled, the next batches are
  // judged from there: one fault is said once.
  const believed = new Map(payouts);
  for (const [account, { cumulative }] of booked) believed.set(account, cumulative);
  if (payoutsRoot(channelId, believed) === batch.payoutsRoot.toLowerCase())
    for (const [account, micro] of believed) payouts.set(account, micro);
  return shares;
}

/** What a charge bears of the fee: by share and price, or its part of what the terms contract says of the batch. */
function feeOfPart(
  part: { readonly chargeMicro: number; readonly energyWh: number },
  { totalMicro }: ChainBatch,
  terms: AgreementFee,
): bigint {
  if (terms.statedMicro === null) return feeOf(part, terms);
  return totalMicro === 0n ? 0n : (terms.statedMicro * BigInt(part.chargeMicro)) / totalMicro;
}

function partOf(stored: BatchCharge, charge: EvidencedCharge, creditorAccount: Hex) {
  const { authorizationId, cdrId } = charge;
  return stored.side === 'charge'
    ? {
        authorizationId,
        cdrId,
        chargeMicro: charge.chargeMicro,
        energyWh: charge.importedWh,
        operatorAccount: charge.operatorAccount,
        ...(stored.operator_micro !== null && { operatorMicro: Number(stored.operator_micro) }),
      }
    : {
        authorizationId,
        cdrId,
        chargeMicro: charge.creditMicro,
        energyWh: 0,
        operatorAccount: creditorAccount,
      };
}

/** Whether the books have the very batch that was settled, and know when and by what. */
function compareRow(
  row: BatchRow,
  settled: SettledBatch,
  say: (name: FindingName, detail: string, more: Partial<AuditFinding>) => void,
): void {
  if (row.batch_hash !== settled.batchHash)
    say('batch-differs', 'another batch has this number', {
      expected: settled.batchHash,
      found: row.batch_hash,
    });
  const own = batchOf(row);
  for (const [field, onChain] of Object.entries(settled.batch)) {
    const expected = field === 'debtor' || field === 'creditor' ? decodeMemberId(onChain as Hex) : onChain;
    const found = own[field as keyof typeof own];
    if (String(expected).toLowerCase() !== String(found).toLowerCase())
      say('batch-differs', `${field} is not what was settled`, {
        expected: String(expected),
        found: String(found),
      });
  }
  const columns = {
    total_micro: settled.batch.totalMicro,
    fee_micro: settled.batch.feeMicro,
    count: settled.batch.count,
    period_start: settled.batch.periodStart,
    period_end: settled.batch.periodEnd,
  };
  for (const [column, expected] of Object.entries(columns))
    if (String(row[column as keyof typeof columns]) !== String(expected))
      say('batch-differs', `the column ${column} is not what was settled`, {
        expected: String(expected),
        found: String(row[column as keyof typeof columns]),
      });
  if (row.state !== 'settled')
    say('batch-not-booked', `settled on the chain, and ${row.state} in the books`, {
      expected: settled.txHash,
    });
  else if (row.tx_hash !== settled.txHash || row.block_number !== String(settled.blockNumber))
    say('batch-differs', 'it was settled by another transaction', {
      expected: `${settled.txHash} in block ${settled.blockNumber}`,
      found: `${row.tx_hash} in block ${row.block_number}`,
    });
}

interface BookedPayout {
  readonly gross: bigint;
  readonly payout: bigint;
  readonly cumulative: bigint;
}

async function bookedPayouts(
  db: Kysely<Database>,
  channelId: Hex,
  sequence: bigint,
): Promise<ReadonlyMap<Hex, BookedPayout>> {
  const rows = await db
    .selectFrom('batch_payout')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('sequence', '=', String(sequence))
    .execute();
  return new Map(
    rows.map((row) => [
      row.account,
      {
        gross: BigInt(row.gross_micro),
        payout: BigInt(row.payout_micro),
        cumulative: BigInt(row.cumulative_micro),
      },
    ]),
  );
}

const printPayout = ({ gross, payout, cumulative }: BookedPayout) =>
  `${payout} of ${gross}, ${cumulative} in all`;

/** The root over what accounts were ever owed in a channel. */
export function payoutsRoot(channelId: Hex, payouts: ReadonlyMap<Hex, bigint>): Hex {
  const leaves = openLeafList();
  for (const [account, micro] of payouts)
    leaves.add(payoutLeaf(channelId, { account, cumulativeMicro: Number(micro) }));
  return leaves.root();
}

function add(sums: Map<Hex, bigint>, account: Hex, micro: bigint): void {
  sums.set(account, (sums.get(account) ?? 0n) + micro);
}
