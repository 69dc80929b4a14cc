import type { Evidence } from '@p2p-power/protocol/Evidence';
import { payoutTree } from '@p2p-power/protocol/MerkleTree';
import { type Abi, type Address, type Hex, stringToHex, zeroAddress, zeroHash } from 'viem';
import { channelId as channelIdOf, signBatch } from '../BatchSigning.ts';
import { type ChainClient, type ChainSigner, contractAt } from '../ChainClient.ts';
import type { ChainRefusal } from '../ChainRefusal.ts';
import { signRedemptionRequest } from '../ChargeToken.ts';
import { encodeChargeEvidence } from '../encodeChargeEvidence.ts';
import { type ForcedClaim, findForcedClaim } from '../ForcedClaims.ts';
import { chargeTokenAbi } from '../generated/ChargeToken.ts';
import { clearingAbi } from '../generated/Clearing.ts';
import { consortiumAbi } from '../generated/Consortium.ts';
import { forcedClaimsAbi } from '../generated/ForcedClaims.ts';
import { peeringAbi } from '../generated/Peering.ts';
import type { CallOf, Network, NetworkCall, NetworkKey } from '../model/Network.ts';
import { encodeAction, encodeTerms } from '../model/networkIds.ts';
import { submitTransaction, type TxCall } from '../submitTransaction.ts';

/** Whose keys a test holds, by account in lower case. */
/** Evidence by its authorization's id. */
export type EvidenceBook = ReadonlyMap<Hex, Evidence>;

export type Signers = ReadonlyMap<string, ChainSigner>;

/**
 * Makes one of the model's calls on a real chain: null if it was done, otherwise the contracts' refusal. Nothing here
 * looks whether it was done before: the contracts alone answer.
 */
export async function performOnChain(
  client: ChainClient,
  network: Network,
  signers: Signers,
  evidence: EvidenceBook,
  call: NetworkCall,
): Promise<ChainRefusal | null> {
  const signer = signerOf(signers, call.from);
  const sent = await submitTransaction(
    client,
    signer,
    await encodeCall(client, network, signers, evidence, call),
  );
  return sent.ok ? null : sent.refusal;
}

function signerOf(signers: Signers, account: Address): ChainSigner {
  const signer = signers.get(account);
  if (signer === undefined) throw new Error(`no key for ${account}`);
  return signer;
}

async function encodeCall(
  client: ChainClient,
  network: Network,
  signers: Signers,
  evidence: EvidenceBook,
  call: NetworkCall,
): Promise<TxCall> {
  const { deployment } = client;
  const consortium = contractAt(deployment.consortium, consortiumAbi as Abi);
  const peering = contractAt(deployment.peering, peeringAbi as Abi);
  const token = contractAt(deployment.chargeToken, chargeTokenAbi as Abi);
  const clearing = contractAt(deployment.clearing, clearingAbi as Abi);
  const forced = contractAt(deployment.forcedClaims, forcedClaimsAbi as Abi);
  const { name } = call;
  switch (name) {
    case 'propose': {
      const { action, data } = encodeAction(network, call.action);
      return { ...consortium, functionName: name, args: [action, data, call.salt] };
    }
    case 'vote':
    case 'execute':
      return { ...consortium, functionName: name, args: [call.proposalId] };
    case 'addKey':
      return { ...consortium, functionName: name, args: [call.key.x, call.key.y] };
    case 'retireKey':
      return { ...consortium, functionName: name, args: [call.key.x, call.key.y, BigInt(call.retiredFrom)] };
    case 'setUrl':
      return { ...consortium, functionName: name, args: [call.url] };
    case 'proposeAgreement':
      return {
        ...peering,
        functionName: 'propose',
        args: [call.other, call.version, encodeTerms(call.terms)],
      };
    case 'acceptAgreement':
      return { ...peering, functionName: 'accept', args: [call.agreementId] };
    case 'giveNotice':
      return { ...peering, functionName: name, args: [call.agreementId, BigInt(call.endsAt)] };
    case 'settle':
      return { ...clearing, functionName: name, args: await signedBatchOf(client, signers, call) };
    case 'claim': {
      const { debtor, creditor, payout, payouts } = call;
      const leaves = payouts.map(({ account, cumulativeMicro }) => ({
        account,
        cumulativeMicro: Number(cumulativeMicro),
      }));
      const index = payouts.findIndex(
        ({ account, cumulativeMicro }) =>
          account === payout.account && cumulativeMicro === payout.cumulativeMicro,
      );
      const proof =
        leaves.length === 0
          ? []
          : payoutTree(channelIdOf(debtor, creditor), leaves).proof(Math.max(index, 0));
      const args = [debtor, creditor, payout.account, payout.cumulativeMicro, proof];
      return { ...clearing, functionName: name, args };
    }
    case 'bookForced': {
      const args = [call.debtor, call.debtor, call.from, call.amountMicro, call.from, 0n];
      return { ...clearing, functionName: name, args };
    }
    case 'bookDisputeFee':
      return { ...clearing, functionName: name, args: [call.debtor, call.from, call.amountMicro] };
    case 'issue':
      return { ...token, functionName: name, args: [call.debtor, call.from, call.amountMicro] };
    case 'setIssuanceLimit':
      return { ...token, functionName: name, args: [call.memberId, call.limitMicro] };
    case 'transfer':
    case 'approve':
      return { ...token, functionName: name, args: [call.to, call.amountMicro] };
    case 'transferFrom':
      return { ...token, functionName: name, args: [call.owner, call.to, call.amountMicro] };
    case 'permit':
      return { ...token, functionName: name, args: await signedPermitOf(client, signers, call) };
    case 'requestRedemption':
      return { ...token, functionName: name, args: [call.provider, call.amountMicro, call.reference] };
    case 'requestRedemptionFor': {
      const { holder, provider, amountMicro, reference, deadline } = call;
      const request = { provider, amountMicro, reference, deadline };
      // Nobody's signature is the holder's over another amount.
      const signed = await signRedemptionRequest(
        deployment,
        signerOf(signers, call.signer ?? holder),
        call.signer === null ? { ...request, amountMicro: amountMicro + 1n } : request,
      );
      const over = await resign(deployment, signerOf(signers, call.signer ?? holder), call);
      const signature = call.signer === null || call.signer === holder ? signed.signature : over;
      return {
        ...token,
        functionName: name,
        args: [holder, provider, amountMicro, reference, BigInt(deadline), signature],
      };
    }
    case 'beginPayment':
    case 'cancelRedemption':
      return { ...token, functionName: name, args: [call.redemptionId] };
    case 'markPaid':
      return { ...token, functionName: name, args: [call.redemptionId, call.bankReference] };
    case 'raise': {
      const { charge, direction, handInRoot } = call;
      const found = evidence.get(charge.authorizationId);
      if (found === undefined) throw new Error('no such evidence');
      const issuer = ({ x, y }: NetworkKey): Hex => `0x${x.slice(2)}${y.slice(2)}`;
      const issuers = {
        driverIssuer: issuer(charge.driverIssuer),
        stationIssuer: issuer(charge.stationIssuer),
      };
      const handIn = { root: handInRoot, proof: [] };
      const args = [direction === 'charge' ? 0 : 1, encodeChargeEvidence(found, issuers), handIn];
      return { ...forced, functionName: name, args };
    }
    case 'payForced':
    case 'demandRecord': {
      const claim = await claimAsKept(client, call.claimId);
      return { ...forced, functionName: name === 'payForced' ? 'pay' : name, args: [claim] };
    }
    case 'objectSettled': {
      const claim = await claimAsKept(client, call.claimId);
      const charge = network.forcedClaims.get(call.claimId)?.charge;
      const args = [claim, call.sequence, claim.cdrId, charge?.chargeMicro ?? 0n, []];
      return { ...forced, functionName: name, args };
    }
    case 'objectRevoked':
      return {
        ...forced,
        functionName: name,
        args: [await claimAsKept(client, call.claimId), call.root, []],
      };
    case 'objectMeter': {
      const claim = await claimAsKept(client, call.claimId);
      const { meterPublicKey, meterRecord } = evidence.get(claim.authorizationId) ?? noMeter;
      return { ...forced, functionName: name, args: [claim, meterPublicKey, stringToHex(meterRecord)] };
    }
    case 'showRecord': {
      const claim = await claimAsKept(client, call.claimId);
      const { meterRecord } = evidence.get(claim.authorizationId) ?? noMeter;
      const record = call.isTrueRecord ? meterRecord : `${meterRecord} `;
      return { ...forced, functionName: name, args: [claim, stringToHex(record)] };
    }
    case 'anchorHandIn':
    case 'anchorRevocations':
      return { ...forced, functionName: name, args: [call.root] };
    case 'confirmReceipt':
      return { ...token, functionName: name, args: [call.payer, call.amountMicro, call.bankReference] };
  }
}

const noMeter = { meterPublicKey: '0x', meterRecord: '' } as const;

/** The claim's data as its newest event has them; for what was never raised, something that fits nothing. */
async function claimAsKept(client: ChainClient, claimId: Hex): Promise<ForcedClaim> {
  return (await findForcedClaim(client, claimId))?.claim ?? nothingClaimed;
}

const nothingClaimed: ForcedClaim = {
  authorizationId: zeroHash,
  cdrId: zeroHash,
  agreementId: zeroHash,
  debtor: zeroHash,
  creditor: zeroHash,
  direction: 0,
  certificateId: zeroHash,
  meterKeyHash: zeroHash,
  meterRecordHash: zeroHash,
  signedAt: 0n,
  startedAt: 0n,
  endedAt: 0n,
  importBeginWh: 0n,
  importEndWh: 0n,
  exportBeginWh: 0n,
  exportEndWh: 0n,
  amountMicro: 0n,
  payee: zeroAddress,
  maker: zeroAddress,
  makerId: zeroHash,
  bondMicro: 0n,
  payableFrom: 0n,
  recordDemanded: false,
  billedByTime: false,
};

/** The very request of another holder, signed by somebody else's key. */
async function resign(
  deployment: Parameters<typeof signRedemptionRequest>[0],
  signer: ChainSigner,
  call: CallOf<'requestRedemptionFor'>,
): Promise<Hex> {
  const { provider, amountMicro, reference, deadline } = call;
  const as = { ...signer, address: call.holder } as ChainSigner;
  return (await signRedemptionRequest(deployment, as, { provider, amountMicro, reference, deadline }))
    .signature;
}

async function signedBatchOf(client: ChainClient, signers: Signers, call: CallOf<'settle'>) {
  const { batch } = call;
  const sign = (by: Address | null) =>
    by === null
      ? // A signature of a true account over another batch.
        signBatch(client.deployment, { ...batch, count: batch.count + 1n }, signerOf(signers, call.from))
      : signBatch(client.deployment, batch, signerOf(signers, by));
  return [batch, await sign(call.debtorSigner), await sign(call.creditorSigner)];
}

async function signedPermitOf(client: ChainClient, signers: Signers, call: CallOf<'permit'>) {
  const { owner, spender, amountMicro, nonce, deadline } = call;
  const { chainId, chargeToken } = client.deployment;
  const signature = await signerOf(signers, call.signer).signTypedData({
    domain: { name: 'P2P-Power Charge Token', version: '1', chainId, verifyingContract: chargeToken },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Permit',
    message: { owner, spender, value: amountMicro, nonce, deadline: BigInt(deadline) },
  });
  const [r, s, v] = [
    signature.slice(0, 66),
    `0x${signature.slice(66, 130)}`,
    Number.parseInt(signature.slice(130), 16),
  ];
  return [owner, spender, amountMicro, BigInt(deadline), v, r, s];
}
