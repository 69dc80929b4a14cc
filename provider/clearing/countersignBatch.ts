import {
  type AcceptedCharge,
  type Batch,
  type BatchParseRefusal,
  type BatchRefusal,
  checkBatch,
  parseBatch,
} from '@p2p-power/protocol/Batch';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import type { SettledCharge } from '@p2p-power/protocol/MerkleTree';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { ProviderContext } from '../ProviderContext.ts';
import { spansOf } from '../peers/Agreements.ts';
import { refreshAgreements } from '../peers/readAgreements.ts';
import { lastBatch, lockChannel, payoutsUpTo, unsettledCharges, writeBatch } from './BatchBook.ts';
import { maxBatchCharges, nextPeriodStart } from './buildNextBatch.ts';
import type { ClearingChain } from './ClearingChain.ts';
import { memberAccount } from './memberAccount.ts';
import { readFeeTerms } from './readFeeTerms.ts';

/** Why a proposed batch is not countersigned, in order of precedence. */
export type CountersignRefusal =
  | BatchParseRefusal
  | BatchRefusal
  | 'bad-charges'
  /** We have signed another batch under this sequence number. */
  | 'batch-conflict'
  | 'bad-creditor-signature'
  | 'no-agreement'
  /** A charge that we have not accepted, that another batch holds, of another agreement, or of another amount. */
  | 'charge-not-accepted';

interface Proposal {
  readonly batch: Batch;
  readonly creditorSignature: Hex;
  readonly charges: readonly ListedCharge[];
}

/** A charge as the creditor lists it, with what of it is the operator's where it pays the operator a commission. */
type ListedCharge = SettledCharge & Pick<AcceptedCharge, 'operatorMicro'>;

/**
 * As debtor, checks a batch that `peer` proposes against our own books and signs it: every charge is
 * one that we accepted and no batch holds, and the batch is exactly what follows from them. The signed
 * batch is on disk before the signature leaves: asked again we answer the same, and never sign two
 * batches of one sequence.
 */
export async function countersignBatch(
  context: ProviderContext,
  chain: ClearingChain,
  peer: string,
  untrusted: unknown,
): Promise<Result<{ readonly debtorSignature: Hex }, CountersignRefusal>> {
  const proposed = parseProposal(untrusted);
  if (!proposed.ok) return proposed;
  const { batch, creditorSignature, charges: listed } = proposed.value;
  const me = context.config.providerId;
  if (batch.debtor !== me) return refuse('wrong-debtor', `the debtor is ${batch.debtor}`);
  if (batch.creditor !== peer) return refuse('wrong-creditor', `the creditor is ${batch.creditor}`);
  const batchHash = chain.hashBatch(batch);
  const creditorAccount = await memberAccount(context, chain, peer);
  const agreements = await refreshAgreements({ ...context, chain }, peer, context.clock.nowS());
  const agreement = agreements.find((one) => one.agreementId === batch.agreementId);
  const channelId = chain.channelId(me, peer);
  const now = context.clock.nowS();
  return context.db.transaction().execute(async (trx) => {
    await lockChannel(trx, channelId);
    const known = await trx
      .selectFrom('batch')
      .select(['batch_hash', 'debtor_signature'])
      .where('channel_id', '=', channelId)
      .where('sequence', '=', String(batch.sequence))
      .executeTakeFirst();
    if (known !== undefined)
      return known.batch_hash === batchHash && known.debtor_signature !== null
        ? accept({ debtorSignature: known.debtor_signature })
        : refuse('batch-conflict', `another batch ${batch.sequence} was signed: ${known.batch_hash}`);
    if (creditorAccount === undefined || !(await chain.isSignedBy(batch, creditorSignature, creditorAccount)))
      return refuse('bad-creditor-signature', `not signed by the account of ${peer}`);
    if (agreements.length === 0) return refuse('no-agreement', `there is no agreement with ${peer}`);
    if (agreement === undefined)
      return refuse('wrong-agreement', `${batch.agreementId} is no agreement with ${peer}`);
    const last = await lastBatch(trx, channelId);
    const sequence = Number(last?.sequence ?? 0) + 1;
    const unsettled = await unsettledCharges(
      trx,
      { debtor: me, creditor: peer, creditorAccount },
      spansOf(agreements, agreement),
      { cdrIds: listed.map((charge) => charge.cdrId) },
    );
    // How the creditor deals what it is owed is between it and its operators; we sign that it is all.
    const said = new Map(listed.map((charge) => [charge.cdrId, charge.operatorMicro]));
    const charges = unsettled.map(({ operatorMicro: _, ...charge }): AcceptedCharge => {
      const operatorMicro = said.get(charge.cdrId);
      return operatorMicro === undefined ? charge : { ...charge, operatorMicro };
    });
    const owed = new Map(charges.map((charge) => [charge.cdrId, charge]));
    for (const charge of listed) {
      const ours = owed.get(charge.cdrId);
      if (ours?.authorizationId !== charge.authorizationId || ours.chargeMicro !== charge.chargeMicro)
        return refuse(
          'charge-not-accepted',
          `${charge.cdrId} is not owed under this agreement, or not ${charge.chargeMicro}`,
        );
    }
    const previousPayouts = await payoutsUpTo(trx, channelId, sequence - 1);
    const parties = { debtor: me, creditor: peer };
    const period = {
      periodStart: await nextPeriodStart(trx, channelId, agreement),
      periodEnd: batch.periodEnd,
    };
    const checked = checkBatch(batch, {
      networkId: context.networkId,
      ...parties,
      ...period,
      sequence,
      agreementId: agreement.agreementId,
      terms: await readFeeTerms(chain, agreement, { ...parties, ...period, charges }),
      charges,
      creditorAccount,
      previousPayouts,
    });
    if (!checked.ok) return checked;
    const debtorSignature = await chain.signBatch(batch);
    await writeBatch(trx, {
      channelId,
      built: checked.value,
      charges,
      creditorAccount,
      feeTo: agreement.feeTo,
      previousPayouts,
      batchHash,
      state: 'countersigned',
      creditorSignature,
      debtorSignature,
      now,
    });
    return accept({ debtorSignature });
  });
}

function parseProposal(untrusted: unknown): Result<Proposal, CountersignRefusal> {
  if (!isRecord(untrusted)) return refuse('not-a-batch', 'a proposal is a JSON object');
  const batch = parseBatch(untrusted.batch);
  if (!batch.ok) return batch;
  const { creditorSignature, charges } = untrusted;
  if (!isHex(creditorSignature, 65))
    return refuse('bad-creditor-signature', 'the signature is not 65 bytes of lower-case hex');
  if (!Array.isArray(charges) || charges.length > maxBatchCharges || !charges.every(isCharge))
    return refuse(
      'bad-charges',
      'charges are a list of authorizationId, cdrId, chargeMicro and operatorMicro, if any',
    );
  if (new Set(charges.map((charge) => charge.cdrId)).size !== charges.length)
    return refuse('bad-charges', 'a charge is listed twice');
  return accept({ batch: batch.value, creditorSignature, charges });
}

function isCharge(charge: unknown): charge is ListedCharge {
  const isMicro = (micro: unknown): micro is number => Number.isSafeInteger(micro) && (micro as number) >= 0;
  return (
    isRecord(charge) &&
    isHex(charge.authorizationId, 32) &&
    isHex(charge.cdrId, 32) &&
    isMicro(charge.chargeMicro) &&
    (charge.operatorMicro === undefined ||
      (isMicro(charge.operatorMicro) && charge.operatorMicro <= charge.chargeMicro))
  );
}
