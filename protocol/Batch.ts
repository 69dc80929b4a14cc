import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { fromBytes, type Hex, isHex } from './Hex.ts';
import { type Payout, payoutTree, type SettledCharge, settledChargeTree, type Tree } from './MerkleTree.ts';
import { type FeeTerms, feesOfCharges } from './PeeringFee.ts';
import { isRecord, printable } from './SignedObject.ts';
import { text } from './Word.ts';

/** A period's charges between two providers: what both sign (EIP-712) and one transaction settles. */
export interface Batch {
  /** The drivers' provider, which pays. */
  readonly debtor: string;
  /** The operators' provider. */
  readonly creditor: string;
  /** One more than the last between the two in this direction; the first is 1. */
  readonly sequence: number;
  /** Epoch seconds, inclusive. */
  readonly periodStart: number;
  /** Epoch seconds, exclusive. */
  readonly periodEnd: number;
  /** What bounds the fee. */
  readonly agreementId: Hex;
  readonly count: number;
  readonly energyWh: number;
  readonly totalMicro: number;
  readonly feeMicro: number;
  readonly cdrRoot: Hex;
  /** Tree of what each operator's account was ever owed in this direction, this batch included. */
  readonly payoutsRoot: Hex;
}

/** A charge that the debtor has accepted, as a batch counts it. */
export interface AcceptedCharge extends SettledCharge {
  /** Imported. */
  readonly energyWh: number;
  readonly operatorAccount: Hex;
  /**
   * What of the charge is the operator's, at most, where its provider pays it a commission: what is left after the fee
   * is the creditor's own. Absent: all is the operator's.
   */
  readonly operatorMicro?: number;
}

/** All that a batch follows from. */
export interface BatchSource {
  readonly networkId: Hex;
  readonly debtor: string;
  readonly creditor: string;
  readonly sequence: number;
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly agreementId: Hex;
  readonly terms: FeeTerms;
  readonly charges: readonly AcceptedCharge[];
  /** Is paid what commissions leave; needed where a charge has one. */
  readonly creditorAccount?: Hex;
  /** As of the batch before: every account ever paid in this direction. */
  readonly previousPayouts: readonly Payout[];
}

/** A batch with the lists behind its roots. */
export interface BuiltBatch {
  readonly batch: Batch;
  /** In the order of `source.charges`. */
  readonly charges: Tree;
  /** What each charge bears of the fee, micro-units, in the same order. */
  readonly fees: readonly bigint[];
  /** Every account ever owed, by account; the order of `payoutsTree`. */
  readonly payouts: readonly Payout[];
  readonly payoutsTree: Tree;
}

/**
 * Builds a batch. What each charge bears of the fee is {@link feesOfCharges}; the rest is its operator's, or its
 * operator's and the creditor's own ({@link operatorPart}). So payouts and fee are the total, to the micro-unit, whoever
 * has the fee. Throws RangeError on a charge that is listed twice, a commission without the creditor's account, and sums
 * past 2^53: bugs of the caller.
 */
export function buildBatch(source: BatchSource): BuiltBatch {
  const seen = new Set<Hex>();
  const owed = new Map<Hex, bigint>();
  for (const { account, cumulativeMicro } of source.previousPayouts) {
    if (owed.has(account)) throw new RangeError(`account listed twice: ${account}`);
    owed.set(account, BigInt(cumulativeMicro));
  }
  let [energyWh, totalMicro, feeMicro] = [0n, 0n, 0n];
  const period = { from: source.periodStart, to: source.periodEnd };
  const fees = feesOfCharges(source.terms, period, source.charges);
  for (const [index, charge] of source.charges.entries()) {
    if (seen.has(charge.authorizationId))
      throw new RangeError(`charge listed twice: ${charge.authorizationId}`);
    seen.add(charge.authorizationId);
    const fee = fees[index] ?? 0n;
    energyWh += BigInt(charge.energyWh);
    totalMicro += BigInt(charge.chargeMicro);
    feeMicro += fee;
    const partMicro = operatorPart(charge, fee);
    const owe = (account: Hex, micro: bigint) => owed.set(account, (owed.get(account) ?? 0n) + micro);
    owe(charge.operatorAccount, partMicro);
    const restMicro = BigInt(charge.chargeMicro) - fee - partMicro;
    if (restMicro === 0n) continue;
    if (source.creditorAccount === undefined) throw new RangeError('a commission, and no creditor’s account');
    owe(source.creditorAccount, restMicro);
  }
  const payouts = [...owed]
    .map(([account, cumulative]) => ({ account, cumulativeMicro: exact(cumulative) }))
    .sort((one, other) => (one.account < other.account ? -1 : 1));
  const charges = settledChargeTree(source.networkId, source.charges);
  const payoutsTree = payoutTree(channelId(source.debtor, source.creditor), payouts);
  const { debtor, creditor, sequence, periodStart, periodEnd, agreementId } = source;
  const batch: Batch = {
    debtor,
    creditor,
    sequence,
    periodStart,
    periodEnd,
    agreementId,
    count: source.charges.length,
    energyWh: exact(energyWh),
    totalMicro: exact(totalMicro),
    feeMicro: exact(feeMicro),
    cdrRoot: charges.root,
    payoutsRoot: payoutsTree.root,
  };
  return { batch, charges, fees, payouts, payoutsTree };
}

/** What an operator is paid of a charge that bears `feeMicro` of a fee: the rest, of a commission at most that. */
export function operatorPart(
  charge: Pick<AcceptedCharge, 'chargeMicro' | 'operatorMicro'>,
  feeMicro: bigint,
): bigint {
  const restMicro = BigInt(charge.chargeMicro) - feeMicro;
  if (charge.operatorMicro === undefined) return restMicro;
  const mostMicro = BigInt(charge.operatorMicro);
  return mostMicro < restMicro ? mostMicro : restMicro;
}

/** Names the one-way channel from debtor to creditor: Keccak-256 of both as bytes32, as `Clearing` computes it. */
export function channelId(debtor: string, creditor: string): Hex {
  return fromBytes(keccak_256(hexToBytes(text(debtor) + text(creditor))));
}

/** Why a proposed batch is not the one that follows from one's own books, in order of precedence. */
export const batchRefusals = [
  'wrong-debtor',
  'wrong-creditor',
  'wrong-sequence',
  'wrong-period',
  'wrong-agreement',
  'wrong-count',
  'wrong-energy',
  'wrong-total',
  'wrong-fee',
  'wrong-cdr-root',
  'wrong-payouts-root',
] as const;
export type BatchRefusal = (typeof batchRefusals)[number];

const refusalOf: readonly (readonly [keyof Batch, BatchRefusal])[] = [
  ['debtor', 'wrong-debtor'],
  ['creditor', 'wrong-creditor'],
  ['sequence', 'wrong-sequence'],
  ['periodStart', 'wrong-period'],
  ['periodEnd', 'wrong-period'],
  ['agreementId', 'wrong-agreement'],
  ['count', 'wrong-count'],
  ['energyWh', 'wrong-energy'],
  ['totalMicro', 'wrong-total'],
  ['feeMicro', 'wrong-fee'],
  ['cdrRoot', 'wrong-cdr-root'],
  ['payoutsRoot', 'wrong-payouts-root'],
];

/** Whether a proposed batch is exactly what {@link buildBatch} makes of one's own books; then with its lists. */
export function checkBatch(proposed: Batch, source: BatchSource): Result<BuiltBatch, BatchRefusal> {
  const own = buildBatch(source);
  for (const [field, refusal] of refusalOf) {
    if (proposed[field] !== own.batch[field])
      return refuse(refusal, `${field} is ${proposed[field]} and should be ${own.batch[field]}`);
  }
  return accept(own);
}

/** Why JSON is no batch, in order of precedence. */
export type BatchParseRefusal =
  | 'not-a-batch'
  | 'missing-field'
  | 'bad-field'
  | 'unknown-field'
  | 'empty-period'
  | 'fee-over-total';

const shapes: Readonly<Record<keyof Batch, 'party' | 'uint' | 'bytes32'>> = {
  debtor: 'party',
  creditor: 'party',
  sequence: 'uint',
  periodStart: 'uint',
  periodEnd: 'uint',
  agreementId: 'bytes32',
  count: 'uint',
  energyWh: 'uint',
  totalMicro: 'uint',
  feeMicro: 'uint',
  cdrRoot: 'bytes32',
  payoutsRoot: 'bytes32',
};

/** A batch out of untrusted JSON. */
export function parseBatch(json: unknown): Result<Batch, BatchParseRefusal> {
  if (!isRecord(json)) return refuse('not-a-batch', 'a batch is a JSON object');
  for (const [field, shape] of Object.entries(shapes)) {
    if (!Object.hasOwn(json, field)) return refuse('missing-field', `batch.${field} is missing`);
    const value = json[field];
    const isSound =
      shape === 'bytes32'
        ? isHex(value, 32)
        : shape === 'uint'
          ? Number.isSafeInteger(value) && (value as number) >= 0
          : typeof value === 'string' && /^[A-Z]{2}[A-Z0-9]{3}$/.test(value);
    if (!isSound) return refuse('bad-field', `batch.${field} is malformed`);
  }
  const unknown = Object.keys(json).find((field) => !Object.hasOwn(shapes, field));
  if (unknown !== undefined)
    return refuse('unknown-field', `a batch has no field of the name ${printable(unknown)}`);
  const batch = json as unknown as Batch;
  if (batch.periodEnd <= batch.periodStart) return refuse('empty-period', 'the period ends before it starts');
  if (batch.feeMicro > batch.totalMicro) return refuse('fee-over-total', 'the fee is more than the total');
  return accept({ ...batch });
}

function exact(sum: bigint): number {
  if (sum > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError('a sum passes 2^53: close the period earlier');
  return Number(sum);
}
