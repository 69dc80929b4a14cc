import { createECDH } from 'node:crypto';
import { type Hex, sha256, stringToHex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { startAnvil } from '../Anvil.ts';
import { type ChainClient, type ChainSigner, connectChain } from '../ChainClient.ts';
import { deployContracts, type FoundingMember } from '../Deployment.ts';
import { encodeMemberId } from '../MemberId.ts';
import { acceptAgreement, proposeAgreement, type Terms } from '../Peering.ts';
import type { PublicKeyPoint } from '../PublicKeyPoint.ts';

export type TestMember = FoundingMember & { readonly signer: ChainSigner };

/** An account that is always the same for the same name. */
export function testAccount(name: string): ChainSigner {
  return privateKeyToAccount(sha256(stringToHex(`test account ${name}`)));
}

/** A P-256 key that is always the same for the same name. */
export function testKey(name: string): PublicKeyPoint {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(sha256(stringToHex(`test key ${name}`), 'bytes'));
  const point = ecdh.getPublicKey();
  return { x: toHex(point.subarray(1, 33)), y: toHex(point.subarray(33)) };
}

export function testMember(partyId: string): TestMember {
  const signer = testAccount(partyId);
  return {
    memberId: encodeMemberId(partyId),
    account: signer.address,
    signer,
    url: `https://${partyId.toLowerCase()}.example`,
    keys: [testKey(partyId)],
    issuanceLimitMicro: 1_000_000_000_000n,
  };
}

export const testNetworkId: Hex = sha256(stringToHex('test network'));

export const testTerms: Terms = {
  feeShareBp: 150,
  feeMicroPerKwh: 10_000n,
  feeTo: 'creditor',
  currency: 'EUR',
  periodS: 86_400,
  handInDeadlineS: 604_800,
  graceS: 86_400,
  objectionWindowS: 3 * 86_400,
  creditLimitMicro: 1_000_000_000n,
  disputeFeeMicro: 5_000_000n,
  termsContract: null,
  noticeS: 30 * 86_400,
  validFrom: 0,
};

/** A fresh chain with a consortium of three; the first two have an agreement. `stop` ends it. */
export async function foundTestNetwork(
  options: Parameters<typeof startAnvil>[0] & { readonly networkId?: Hex } = {},
) {
  const anvil = await startAnvil({ blockDelayMs: 5, ...options });
  try {
    return { anvil, ...(await foundTestConsortium(anvil.rpcUrl, options.networkId)) };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

/** The same consortium on a chain that is there already. */
export async function foundTestConsortium(rpcUrl: string, networkId: Hex = testNetworkId) {
  const members = [testMember('DEAAA'), testMember('DEBBB'), testMember('DECCC')] as const;
  const deployment = await deployContracts({
    rpcUrl,
    signer: testAccount('deployer'),
    networkId,
    members,
  });
  const client: ChainClient = connectChain({ rpcUrl, deployment, pollMs: 10, confirmTimeoutMs: 20_000 });
  const [a, b] = members;
  const agreementId = await agree(client, a, b);
  return { client, deployment, members, agreementId };
}

export type TestNetwork = Awaited<ReturnType<typeof foundTestNetwork>>;

/** The first agreement of two members, by {@link testTerms}: proposed by one, accepted by the other. */
export async function agree(client: ChainClient, one: TestMember, other: TestMember): Promise<Hex> {
  const proposed = await proposeAgreement(client, one.signer, {
    me: one.memberId,
    other: other.memberId,
    version: 1,
    terms: testTerms,
  });
  if (!proposed.ok) throw new Error(proposed.detail);
  const accepted = await acceptAgreement(client, other.signer, proposed.value.agreementId);
  if (!accepted.ok) throw new Error(accepted.detail);
  return proposed.value.agreementId;
}
