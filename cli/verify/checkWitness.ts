import nodeCrypto from 'node:crypto';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import type { SettlementProof } from '@p2p-power/protocol/SettlementProof';
import {
  checkWitnessChain,
  isWitnessed,
  verifyWitnessFile,
  type WitnessFile,
  weekBegins,
} from '@p2p-power/protocol/WitnessRecord';
import { faultsOffline, type SettlementFault } from '../audit/auditReceipt.ts';
import type { Page } from '../Page.ts';
import { printHash, printTime } from '../printUnits.ts';

/** One step from a receipt to what witnesses signed: whether it holds, in words. */
interface WitnessStep {
  readonly holds: boolean;
  readonly words: string;
}

/** What witness records say of a charge, with no network. */
export interface WitnessVerdict {
  readonly steps: readonly WitnessStep[];
  /** Those who signed the record of the charge's week. */
  readonly witnesses: readonly {
    readonly name: string;
    readonly publicKey: Hex;
    /** Epoch seconds. */
    readonly signedAt: number;
    /** Whether the key is one of those that whoever checks has named. */
    readonly isKnown: boolean;
  }[];
}

const faultWords: Readonly<Partial<Record<SettlementFault, string>>> = {
  'proof-of-another-charge': 'the proof of settlement is of another charge',
  'amount-not-of-receipt': 'the settled amount is not the receipt’s',
  'providers-not-of-receipt': 'the batch is not one between the receipt’s providers',
};

/**
 * Leads from a receipt through its proofs of settlement to a batch, from there to the root of a week, and
 * from there to the signatures of witnesses; several records must follow each other week by week.
 */
export async function checkWitness(
  receipt: { readonly evidence: Evidence; readonly authorizationId: Hex; readonly cdrId: Hex },
  proofs: readonly SettlementProof[],
  files: readonly WitnessFile[],
  knownKeys: readonly string[],
): Promise<WitnessVerdict> {
  const verifier = nodeCryptoVerifier(nodeCrypto);
  const steps: WitnessStep[] = [];
  const witnesses: WitnessVerdict['witnesses'][number][] = [];
  const records = files.toSorted((one, other) => one.record.week - other.record.week);
  for (const file of records) {
    const verified = await verifyWitnessFile(file, verifier);
    steps.push(
      verified.ok
        ? {
            holds: true,
            words: `the record of week ${file.record.week} (from ${printTime(weekBegins(file.record.week))}) is whole: ${printHash(verified.value.recordId)}`,
          }
        : {
            holds: false,
            words: `the record of week ${file.record.week} does not hold: ${verified.refusal}: ${verified.detail}`,
          },
    );
  }
  const chained = checkWitnessChain(records);
  if (records.length > 1)
    steps.push(
      chained.ok
        ? { holds: true, words: `the ${records.length} records follow each other, week by week` }
        : { holds: false, words: `${chained.refusal}: ${chained.detail}` },
    );
  for (const proof of proofs) {
    const faults = faultsOffline(receipt.evidence, receipt, proof);
    steps.push(
      faults.length === 0
        ? {
            holds: true,
            words: `the ${proof.side} is in batch ${proof.sequence} from ${proof.debtor} to ${proof.creditor}`,
          }
        : { holds: false, words: faults.map((fault) => faultWords[fault] ?? fault).join('; ') },
    );
    const file = records.find((one) => one.networkId === proof.networkId && isWitnessed(one, proof));
    steps.push(
      file === undefined
        ? { holds: false, words: `no record that was named holds batch ${proof.sequence}` }
        : { holds: true, words: `that batch is under the root of week ${file.record.week}` },
    );
    for (const { publicKey, statement } of file?.witnesses ?? [])
      witnesses.push({
        name: statement.value.name,
        publicKey,
        signedAt: statement.value.signedAt,
        isKnown: knownKeys.includes(publicKey),
      });
  }
  const unsigned = knownKeys.filter((key) => !witnesses.some(({ publicKey }) => publicKey === key));
  for (const key of unsigned)
    steps.push({ holds: false, words: `the witness of the key ${printHash(key)} has not signed it` });
  return { steps, witnesses };
}

export const isWitnessSound = (verdict: WitnessVerdict): boolean => verdict.steps.every(({ holds }) => holds);

export function printWitness(page: Page, verdict: WitnessVerdict): void {
  page.section('What witnesses hold');
  for (const { holds, words } of verdict.steps) page.check(holds, words);
  for (const { name, publicKey, signedAt, isKnown } of verdict.witnesses) {
    const words = `${name} signed it at ${printTime(signedAt)}, with the key ${publicKey}`;
    if (isKnown) page.check(true, words);
    else page.warn(`${words}; name the key with --witness-key if you know it to be theirs`);
  }
  if (verdict.witnesses.length === 0) page.warn('nobody has signed the record of that week');
}
