import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import {
  buildEvidence,
  dawn,
  day,
  type EvidenceOverrides,
  makeProvider,
  networkId,
} from '@p2p-power/protocol/testing/world';
import { addKey } from '../Consortium.ts';
import { pointOf } from '../PublicKeyPoint.ts';
import { foundTestNetwork } from './foundTestNetwork.ts';

/**
 * The test network with the certificate keys of the protocol's test world, and a clock that the test sets: it stands a
 * day before dawn while the network is founded, then three hours after it, when the evidence's session is over.
 */
export async function openClaimWorld() {
  let now = dawn - day;
  const network = await foundTestNetwork({ networkId, now: () => now });
  const { client, members, anvil } = network;
  try {
    for (const { signer, memberId } of members.slice(0, 2)) {
      const partyId = Buffer.from(memberId.slice(2, 12), 'hex').toString('ascii');
      const added = await addKey(client, signer, pointOf(makeProvider(partyId).key.publicKey));
      if (!added.ok) throw new Error(added.detail);
    }
    const setTime = async (at: number): Promise<void> => {
      now = at;
      await anvil.mine();
    };
    await setTime(dawn + 3 * 3600);
    return { ...network, setTime, now: () => now };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

export type ClaimWorld = Awaited<ReturnType<typeof openClaimWorld>>;

/** Evidence of the world's charge with its ids; another nonce is another session. */
export async function makeCharge(nonce: string, overrides: EvidenceOverrides = {}) {
  const evidence = await buildEvidence({ nonce, ...overrides });
  return {
    evidence,
    authorizationId: Authorization.id(networkId, evidence.authorization.value),
    cdrId: ChargeDetailRecord.id(networkId, evidence.cdr.value),
  };
}
