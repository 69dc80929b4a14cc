import * as crypto from 'node:crypto';
import type { Batch } from '@p2p-power/chain/BatchSigning';
import { type ChainClient, contractAt } from '@p2p-power/chain/ChainClient';
import { ChainFault, withChainFaults } from '@p2p-power/chain/ChainFault';
import { clearingAbi } from '@p2p-power/chain/generated/Clearing';
import { type Agreement, readAgreement } from '@p2p-power/chain/Peering';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { type EvidenceTrust, verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { Books } from './auditBooks.ts';

/**
 * The books of a provider as an audit reads them: agreements from the chain, once each, and with
 * `signatures` the judge with every key that a member of the books ever had.
 */
export async function openBooks(
  client: ChainClient,
  db: Kysely<Database>,
  options: { readonly providerId: string; readonly signatures?: boolean },
): Promise<Books> {
  const networkId = client.deployment.networkId.toLowerCase() as Hex;
  const agreements = new Map<Hex, Agreement | null>();
  return {
    db,
    networkId,
    providerId: options.providerId,
    async feeTerms(batch, blockNumber) {
      let agreement = agreements.get(batch.agreementId);
      if (agreement === undefined) {
        agreement = await readAgreement(client, batch.agreementId);
        agreements.set(batch.agreementId, agreement);
      }
      if (agreement === null) return null;
      const { feeShareBp, feeMicroPerKwh, feeTo, termsContract } = agreement.terms;
      return {
        feeShareBp,
        feeMicroPerKwh: Number(feeMicroPerKwh),
        feeTo,
        statedMicro: termsContract === null ? null : await readStatedFee(client, batch, blockNumber),
      };
    },
    judge: options.signatures === true ? await openJudge(db, networkId) : null,
  };
}

/**
 * The fee of a batch by the pair's terms contract, asked as Clearing asks it, of the block in which it was settled;
 * of the newest block where the node does not keep that one's state any more.
 */
async function readStatedFee(client: ChainClient, batch: Batch, blockNumber: number): Promise<bigint> {
  const { debtor, creditor, periodStart, periodEnd, count, energyWh, totalMicro } = batch;
  const usage = { debtor, creditor, from: periodStart, to: periodEnd, count, energyWh, totalMicro };
  const ask = (at: { readonly blockNumber?: bigint }) =>
    withChainFaults(() =>
      client.rpc.readContract({
        ...contractAt(client.deployment.clearing, clearingAbi),
        ...at,
        functionName: 'feeBoundMicro',
        args: [batch.agreementId, usage],
      }),
    );
  try {
    return await ask({ blockNumber: BigInt(blockNumber) });
  } catch (error) {
    if (error instanceof ChainFault && error.reason === 'rpc-unreachable') throw error;
    return ask({});
  }
}

async function openJudge(db: Kysely<Database>, networkId: Hex): Promise<NonNullable<Books['judge']>> {
  const members = await db.selectFrom('member').select(['provider_id', 'keys']).execute();
  const keys = new Map<string, Hex>();
  for (const member of members)
    for (const { publicKey } of member.keys as { publicKey: Hex }[])
      keys.set(`${member.provider_id} ${keyId(publicKey)}`, publicKey);
  const trust: EvidenceTrust = {
    networkId,
    certificateKey: (providerId, issuerKeyId) => keys.get(`${providerId} ${issuerKeyId}`),
  };
  const verifier = nodeCryptoVerifier(crypto);
  return async ({ evidence }) => {
    const judged = await verifyEvidence(evidence, trust, verifier);
    return judged.ok ? null : `${judged.refusal}: ${judged.detail}`;
  };
}
