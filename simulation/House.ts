import { hash } from 'node:crypto';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { pointOf } from '@p2p-power/chain/PublicKeyPoint';
import { openScriptedChain, type ScriptedChain } from '@p2p-power/chain/testing/openScriptedChain';
import type { Hex } from '@p2p-power/protocol/Hex';
import { dawn, networkId } from '@p2p-power/protocol/testing/world';
import { type DatabaseYard, openDatabaseYard } from './DatabaseYard.ts';
import { type SeededKey, seededKey } from './SeededKey.ts';

/** A provider's name on the network and its keys; they are the same in all worlds. */
export interface ProviderIdentity {
  readonly providerId: string;
  readonly url: string;
  readonly certificateKey: SeededKey;
  readonly courierKey: SeededKey;
  /** Private key of its chain account. */
  readonly accountKey: Hex;
}

/** What is started once a process and serves one world after the other: a real chain, a real PostgreSQL. */
export interface House {
  readonly chain: ScriptedChain;
  readonly databases: DatabaseYard;
  readonly identities: readonly ProviderIdentity[];
  close(): Promise<void>;
}

/** When every world begins, epoch seconds. */
export const worldBeginsAt = dawn;

const partyIds = ['DEAAA', 'DEBBB'] as const;

export const identities: readonly ProviderIdentity[] = partyIds.map((providerId) => ({
  providerId,
  url: `https://${providerId.toLowerCase()}.example`,
  certificateKey: seededKey(`provider ${providerId}`),
  courierKey: seededKey(`courier key of ${providerId}`),
  accountKey: `0x${hash('sha256', `account of ${providerId}`)}`,
}));

export async function openHouse(): Promise<House> {
  const databases = await openDatabaseYard();
  try {
    const chain = await openScriptedChain({
      networkId,
      genesisAt: worldBeginsAt - 86_400,
      members: identities.map(({ providerId, url, certificateKey, accountKey }) => {
        const signer = accountSigner(accountKey);
        const { publicKey } = certificateKey;
        return {
          memberId: encodeMemberId(providerId),
          account: signer.address,
          signer,
          url,
          keys: [pointOf(publicKey)],
          issuanceLimitMicro: 1_000_000_000_000n,
        };
      }),
      terms: {
        feeShareBp: 150,
        feeMicroPerKwh: 10_000n,
        feeTo: 'creditor',
        currency: 'EUR',
        periodS: 86_400,
        handInDeadlineS: 30 * 86_400,
        graceS: 30 * 86_400,
        objectionWindowS: 3 * 86_400,
        creditLimitMicro: 1_000_000_000n,
        disputeFeeMicro: 5_000_000n,
        termsContract: null,
        noticeS: 30 * 86_400,
        validFrom: 0,
      },
    });
    return {
      chain,
      databases,
      identities,
      async close() {
        await chain.stop();
        await databases.close();
      },
    };
  } catch (error) {
    await databases.close();
    throw error;
  }
}
