import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { revokedTree, settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import {
  dawn,
  day,
  makeDriver,
  makeProvider,
  networkId,
  steadyReadings,
} from '@p2p-power/protocol/testing/world';
import { keccak256, toHex } from 'viem';
import { settleBatch } from '../Clearing.ts';
import { executeProposal, proposeAction, voteFor } from '../Consortium.ts';
import {
  anchorRevocations,
  objectRevoked,
  objectSettled,
  payForcedClaim,
  raiseForcedClaim,
} from '../ForcedClaims.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { type ClaimWorld, makeCharge, openClaimWorld } from '../testing/openClaimWorld.ts';
import { gasOf } from './gasOf.ts';

export type DisputeGas = {
  /** An hour's charge with real evidence, raised by the creditor. */
  readonly raise: bigint;
  /** To an account that has tokens already. */
  readonly pay: bigint;
  /** Held, with a proof among a thousand charges. */
  readonly objectSettled: bigint;
  /** Held, with a proof among a thousand certificates. */
  readonly objectRevoked: bigint;
  readonly anchorRevocations: bigint;
  /** Among three members: put to the vote, voted for, carried out. */
  readonly propose: bigint;
  readonly vote: bigint;
  readonly execute: bigint;
};

const among = 1_000;

/** Measures, on a fresh chain, what clearing costs where the debtor does not sign, and what a vote costs. */
export async function measureDisputeGas(): Promise<DisputeGas> {
  const world = await openClaimWorld();
  try {
    const settled = await measureSettled(world);
    const paid = await measurePaid(world);
    const revoked = await measureRevoked(world);
    return { ...settled, ...paid, ...revoked, ...(await measureVote(world)) };
  } finally {
    await world.anvil.stop();
  }
}

type Charge = Awaited<ReturnType<typeof makeCharge>>;

/** An hour's charge that has just ended. */
async function chargeJustNow(world: ClaimWorld, nonce: string): Promise<Charge> {
  const driver = await makeDriver(makeProvider('DEAAA'), 'Anna', { notAfter: dawn + 180 * day });
  return makeCharge(nonce, { driver, readings: steadyReadings(world.now() - 3_900, 3_600, 11_000) });
}

async function raise(world: ClaimWorld, charge: Charge) {
  const raised = await raiseForcedClaim(world.client, world.members[1].signer, {
    direction: 'charge',
    ...charge,
  });
  if (!raised.ok) throw new Error(`${raised.refusal}: ${raised.detail}`);
  const { gasUsed } = await world.client.rpc.getTransactionReceipt({ hash: raised.value.txHash });
  return { claim: raised.value.claim, gasUsed };
}

/** The charge stands in a settled batch. */
async function measureSettled(world: ClaimWorld) {
  const [debtor, creditor] = world.members;
  const charge = await chargeJustNow(world, 'settled already');
  const { authorizationId, cdrId } = charge;
  const { chargeMicro } = charge.evidence.cdr.value;
  const charges = [{ authorizationId, cdrId, chargeMicro: BigInt(chargeMicro) }, ...testCharges(among - 1)];
  const tree = settledChargeTree(
    networkId,
    charges.map((one) => ({ ...one, chargeMicro: Number(one.chargeMicro) })),
  );
  const made = await makeBatch(
    world.deployment,
    { debtor, creditor },
    { sequence: 1n, agreementId: world.agreementId, charges, payouts: [], change: { cdrRoot: tree.root } },
  );
  gasOf(await settleBatch(world.client, creditor.signer, made.signed));
  const { claim } = await raise(world, charge);
  const settled = { sequence: 1n, cdrId, chargeMicro: BigInt(chargeMicro), proof: tree.proof(0) };
  return { objectSettled: heldGas(await objectSettled(world.client, debtor.signer, claim, settled)) };
}

async function measurePaid(world: ClaimWorld) {
  const { client, members } = world;
  const first = await raise(world, await chargeJustNow(world, 'opens the account'));
  const second = await raise(world, await chargeJustNow(world, 'comes later'));
  await world.setTime(Number(second.claim.payableFrom));
  gasOf(await payForcedClaim(client, members[1].signer, first.claim));
  return { raise: second.gasUsed, pay: gasOf(await payForcedClaim(client, members[1].signer, second.claim)) };
}

/** The driver's certificate was taken back two days before. */
async function measureRevoked(world: ClaimWorld) {
  const { client, members } = world;
  const [debtor] = members;
  const { evidence } = await chargeJustNow(world, 'known by its certificate');
  const certificateId = DriverCertificate.id(networkId, evidence.driverCertificate.value);
  const others = Array.from({ length: among - 1 }, (_, index) => keccak256(toHex(`certificate ${index}`)));
  const tree = revokedTree(networkId, [certificateId, ...others]);
  const anchored = gasOf(await anchorRevocations(client, debtor.signer, tree.root));
  await world.setTime(world.now() + 2 * day);
  const { claim } = await raise(world, await chargeJustNow(world, 'revoked'));
  const revoked = { root: tree.root, proof: tree.proof(0) };
  return {
    anchorRevocations: anchored,
    objectRevoked: heldGas(await objectRevoked(client, debtor.signer, claim, revoked)),
  };
}

async function measureVote({ client, members }: ClaimWorld) {
  const [a, b, c] = members;
  const action = { kind: 'set-issuance-limit', memberId: c.memberId, limitMicro: 5_000_000n } as const;
  const proposed = await proposeAction(client, a.signer, action, keccak256(toHex('salt')));
  if (!proposed.ok) throw new Error(proposed.detail);
  const { proposalId } = proposed.value;
  return {
    propose: gasOf(proposed),
    vote: gasOf(await voteFor(client, b.signer, proposalId)),
    execute: gasOf(await executeProposal(client, b.signer, proposalId)),
  };
}

function heldGas(objected: Parameters<typeof gasOf>[0]): bigint {
  const gas = gasOf(objected);
  if (!objected.ok || !('held' in objected.value) || objected.value.held !== true)
    throw new Error('the objection did not hold');
  return gas;
}

if (import.meta.main) console.log(await measureDisputeGas());
