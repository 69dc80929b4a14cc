import * as crypto from 'node:crypto';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { handInTree, revokedTree, settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import { signMeterRecord } from '@p2p-power/protocol/MeterRecord';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import {
  dawn,
  day,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  steadyReadings,
  testKey,
  testPrices,
  testTariff,
  testTrust,
} from '@p2p-power/protocol/testing/world';
import { verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { type Hex, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBalance, readPosition } from './ChargeToken.ts';
import { settleBatch } from './Clearing.ts';
import {
  anchorHandIn,
  anchorRevocations,
  claimIdOf,
  demandMeterRecord,
  findForcedClaim,
  objectMeter,
  objectRevoked,
  objectSettled,
  payForcedClaim,
  type RaisedClaim,
  raiseForcedClaim,
  readForcedClaim,
  readHandInAnchor,
  showMeterRecord,
} from './ForcedClaims.ts';
import { testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch } from './testing/makeBatch.ts';
import { type ClaimWorld, makeCharge, openClaimWorld } from './testing/openClaimWorld.ts';

let world: ClaimWorld;
beforeAll(async () => {
  world = await openClaimWorld();
});
afterAll(() => world?.anvil.stop());

const disputeFeeMicro = 5_000_000n;
const verifier = nodeCryptoVerifier(crypto);
type Charge = Awaited<ReturnType<typeof makeCharge>>;
type Overrides = Parameters<typeof makeCharge>[1];

/** Raised by the operator's provider, which is a member. */
async function raise(charge: Charge, direction: 'charge' | 'credit' = 'charge'): Promise<RaisedClaim> {
  const signer = world.members[direction === 'charge' ? 1 : 0].signer;
  const raised = await raiseForcedClaim(world.client, signer, { direction, ...charge });
  if (!raised.ok) throw new Error(`${raised.refusal}: ${raised.detail}`);
  return raised.value;
}

async function refusalOf(charge: Charge, handIn?: { root: Hex; proof: readonly Hex[] }) {
  const request = { direction: 'charge' as const, ...charge, ...(handIn && { handIn }) };
  const raised = await raiseForcedClaim(world.client, world.members[1].signer, request);
  return raised.ok ? 'accepted' : raised.refusal;
}

const session = (at: number) => steadyReadings(at, 3_600, 11_000);
/** An hour's charge that ended just now. */
async function justNow(nonce: string, overrides: Overrides = {}): Promise<Charge> {
  const driver = await makeDriver(makeProvider('DEAAA'), 'Anna', { notAfter: dawn + 180 * day });
  return makeCharge(nonce, { driver, readings: session(world.now() - 3_900), ...overrides });
}

async function passWindow(claim: { payableFrom: bigint }) {
  await world.setTime(Number(claim.payableFrom));
}

test('a charge whose debtor does not sign is claimed, waits for objections, and is paid once', async () => {
  const { client, members } = world;
  const [a, b] = members;
  const charge = await makeCharge('unsigned');
  const { claim, claimId, txHash } = await raise(charge);
  expect(claim).toMatchObject({
    authorizationId: charge.authorizationId,
    cdrId: charge.cdrId,
    debtor: a.memberId,
    creditor: b.memberId,
    amountMicro: BigInt(charge.evidence.cdr.value.chargeMicro),
    makerId: b.memberId,
    bondMicro: 0n,
  });
  expect(claim.payee.toLowerCase()).toBe(charge.evidence.stationCertificate.value.operatorAccount);
  const { gasUsed } = await client.rpc.getTransactionReceipt({ hash: txHash });
  expect(gasUsed).toBeLessThan(200_000n);

  const again = await raiseForcedClaim(client, b.signer, { direction: 'charge', ...charge });
  expect(again).toEqual({ ok: true, value: { outcome: 'already-raised', claim, claimId, txHash } });
  const early = await payForcedClaim(client, b.signer, claim);
  expect(early).toMatchObject({ ok: false, refusal: 'not-payable-yet' });

  await passWindow(claim);
  expect(await payForcedClaim(client, testAccount('anyone'), claim)).toMatchObject({
    ok: true,
    value: { outcome: 'done' },
  });
  // 1.5 % of 5.1051 rounded down, and 0.01 for each of 11 kWh.
  const feeMicro = 76_576n + 110_000n;
  expect(await readBalance(client, b.account)).toBe(feeMicro);
  expect(await readBalance(client, claim.payee)).toBe(claim.amountMicro - feeMicro);
  expect((await readPosition(client, a.memberId)).positionMicro).toBe(claim.amountMicro);

  expect(await payForcedClaim(client, b.signer, claim)).toMatchObject({
    ok: true,
    value: { outcome: 'already-done' },
  });
  expect(await readForcedClaim(client, charge.authorizationId, 'charge')).toBe('paid');
  expect(await readForcedClaim(client, charge.authorizationId, 'credit')).toBe('none');
  expect(await refusalOf(charge)).toBe('claim-exists');
  expect(await findForcedClaim(client, claimIdOf(charge.authorizationId, 'charge'))).toMatchObject({
    claim,
    status: 'paid',
  });
});

test('tariffs with times of day are priced anew, to the micro-unit', async () => {
  const noon = world.now() - (world.now() % day) - day / 2;
  const readings = session(noon).map((reading, index) =>
    index > 1 ? { ...reading, state: 'parking' as const } : reading,
  );
  const charge = await makeCharge('by day', { tariff: testTariff, readings });
  const { claim } = await raise(charge);
  expect(claim.billedByTime).toBe(true);
});

test('the credit of a discharge is claimed from the operator by the driver', async () => {
  const { client, members } = world;
  const [a, b] = members;
  const readings = steadyReadings(world.now() - 3_900, 3_600, 0, 5_000);
  const charge = await makeCharge('given back', { readings });
  const before = await readBalance(client, a.account);
  const { claim } = await raise(charge, 'credit');
  expect(claim).toMatchObject({ debtor: b.memberId, creditor: a.memberId, amountMicro: 600_000n });
  await passWindow(claim);
  expect(await payForcedClaim(client, a.signer, claim)).toMatchObject({ ok: true });
  expect(await readBalance(client, a.account)).toBe(before + 600_000n);
});

describe('a charge at dynamic prices', () => {
  test('is not brought to the chain, in neither direction', async () => {
    const { client, members } = world;
    const charge = await justNow('dynamic', { prices: { ...testPrices, pricesMicro: [100_000] } });
    const before = await client.rpc.getTransactionCount({ address: members[1].signer.address });
    for (const direction of ['charge', 'credit'] as const)
      expect(await raiseForcedClaim(client, members[1].signer, { direction, ...charge })).toMatchObject({
        ok: false,
        refusal: 'prices-not-claimable',
      });
    expect(await client.rpc.getTransactionCount({ address: members[1].signer.address })).toBe(before);
  });

  test('is refused by the contract too, which computes another offer', async () => {
    const { evidence, ...ids } = await justNow('dynamic by hand', { prices: testPrices });
    const { value, signature } = evidence.offer;
    const plain = { ...evidence, offer: { value: { ...value, pricesId: zeroHash }, signature } };
    expect(await refusalOf({ evidence: plain, ...ids })).toBe('bad-offer-signature');
  });
});

describe('what the contract refuses', () => {
  const cases: readonly (readonly [string, string, () => Promise<Charge>])[] = [
    [
      'charge-mismatch',
      'a price above the tariff',
      () => justNow('dear', { cdr: { chargeMicro: 9_999_999 } }),
    ],
    ['charge-mismatch', 'a price below it', () => justNow('cheap', { cdr: { chargeMicro: 1 } })],
    [
      'charge-over-bound',
      'more than the driver allowed',
      () =>
        justNow('much', { authorization: { maxAmountMicro: 1_000_000 }, cdr: { chargeMicro: 5_105_100 } }),
    ],
    ['energy-over-bound', 'more energy', () => justNow('energy', { authorization: { maxEnergyWh: 10_999 } })],
    [
      'amount-bound-over-certificate',
      'a bound above the certificate',
      () => justNow('bound', { authorization: { maxAmountMicro: 80_000_001 } }),
    ],
    ['offer-expired', 'an old offer', () => justNow('late', { offer: { expiresAt: world.now() - 3_960 } })],
    [
      'bad-cdr-signature',
      'energy that the readings do not show',
      () => justNow('sum', { cdr: { importedWh: 12_000 } }),
    ],
    [
      'bad-authorization-signature',
      'an authorization of another offer',
      () => justNow('other offer', { authorization: { offerId: networkId } }),
    ],
    ['credit-mismatch', 'a credit for nothing', () => justNow('credit', { cdr: { creditMicro: 5 } })],
    [
      'session-not-ended',
      'a session of tomorrow',
      () => makeCharge('soon', { readings: session(world.now()) }),
    ],
    ['handed-in-too-late', 'an old one', () => makeCharge('old', { readings: session(dawn - 13 * day) })],
  ];
  test.each(cases)('%s: %s', async (refusal, _, make) => {
    expect(await refusalOf(await make())).toBe(refusal);
  });

  test('a signature with the other s', async () => {
    const { evidence, ...ids } = await justNow('malleable');
    const { signature } = evidence.cdr;
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const high = (order - BigInt(`0x${signature.slice(66)}`)).toString(16).padStart(64, '0');
    const cdr = { ...evidence.cdr, signature: `${signature.slice(0, 66)}${high}` as const };
    expect(await refusalOf({ evidence: { ...evidence, cdr: cdr as Evidence['cdr'] }, ...ids })).toBe(
      'bad-cdr-signature',
    );
  });

  test('what comes after the deadline, unless it was anchored before', async () => {
    const { client } = world;
    const charge = await justNow('anchored');
    const tree = handInTree(networkId, [charge.cdrId, networkId]);
    const handIn = { root: tree.root, proof: tree.proof(0) };
    const endedAt = charge.evidence.cdr.value.endedAt;
    await anchorHandIn(client, testAccount('anyone'), tree.root);
    expect(await readHandInAnchor(client, tree.root)).toBeGreaterThanOrEqual(endedAt);
    await world.setTime(endedAt + 7 * day + 1);
    expect(await refusalOf(charge)).toBe('handed-in-too-late');
    expect(await refusalOf(charge, { ...handIn, proof: tree.proof(1) })).toBe('handed-in-too-late');
    expect(await refusalOf(charge, handIn)).toBe('accepted');
  });
});

describe('objections', () => {
  test('settled before: the claim falls, and its maker pays', async () => {
    const { client, members, deployment, agreementId } = world;
    const [a, b] = members;
    const charge = await justNow('settled before');
    const inBatch = { ...charge, chargeMicro: BigInt(charge.evidence.cdr.value.chargeMicro) };
    const tree = settledChargeTree(networkId, [
      { ...charge, chargeMicro: charge.evidence.cdr.value.chargeMicro },
    ]);
    const made = await makeBatch(
      deployment,
      { debtor: a, creditor: b },
      {
        sequence: 1n,
        agreementId,
        charges: [inBatch],
        payouts: [],
        change: { periodStart: BigInt(dawn), periodEnd: BigInt(dawn + day), cdrRoot: tree.root },
      },
    );
    expect(await settleBatch(client, a.signer, made.signed)).toMatchObject({ ok: true });
    const { claim } = await raise(charge);
    const settled = { ...inBatch, sequence: 1n, proof: tree.proof(0) };
    expect(await objectSettled(client, b.signer, claim, settled)).toMatchObject({
      refusal: 'not-the-debtor',
    });

    const paid = await readBalance(client, b.account);
    const wrong = await objectSettled(client, a.signer, claim, { ...settled, sequence: 2n });
    expect(wrong).toMatchObject({ ok: true, value: { held: false, feeMicro: disputeFeeMicro } });
    expect(await readBalance(client, b.account)).toBe(paid + disputeFeeMicro);

    const got = await readBalance(client, a.account);
    const right = await objectSettled(client, a.signer, claim, settled);
    expect(right).toMatchObject({ ok: true, value: { held: true, feeMicro: disputeFeeMicro } });
    expect(await readBalance(client, a.account)).toBe(got + disputeFeeMicro);
    expect(await readForcedClaim(client, charge.authorizationId, 'charge')).toBe('void');
    expect(await payForcedClaim(client, b.signer, claim)).toMatchObject({ refusal: 'claim-unknown' });
    expect(await refusalOf(charge)).toBe('claim-exists');
  });

  test('revoked and anchored longer ago than the grace', async () => {
    const { client, members } = world;
    const [a] = members;
    const early = await justNow('not yet known');
    const certificateId = DriverCertificate.id(networkId, early.evidence.driverCertificate.value);
    const tree = revokedTree(networkId, [networkId, certificateId]);
    const revoked = { root: tree.root, proof: tree.proof(1) };
    expect(await anchorRevocations(client, a.signer, tree.root)).toMatchObject({ ok: true });
    const first = await raise(early);
    expect(await objectRevoked(client, a.signer, first.claim, revoked)).toMatchObject({
      value: { held: false },
    });

    await world.setTime(world.now() + day + 2 * 3_600);
    const later = await raise(await justNow('long known'));
    expect(
      await objectRevoked(client, a.signer, later.claim, { ...revoked, proof: tree.proof(0) }),
    ).toMatchObject({ value: { held: false } });
    expect(await objectRevoked(client, a.signer, later.claim, revoked)).toMatchObject({
      value: { held: true },
    });
  });

  test('whoever is no member leaves a bond, which the debtor gets if the claim falls', async () => {
    const { client, members } = world;
    const [a] = members;
    const operator = testAccount('operator');
    const request = { direction: 'charge' as const, ...(await justNow('no bond')) };
    expect(await raiseForcedClaim(client, operator, request)).toMatchObject({ refusal: 'balance-too-low' });
    const operatorAccount = operator.address.toLowerCase() as Hex;
    const station = await makeStation(makeProvider('DEBBB'), 'Bert', { operatorAccount });
    for (const nonce of ['its first', 'its second']) {
      const { claim } = await raise(await justNow(nonce, { station }));
      await passWindow(claim);
      expect(await payForcedClaim(client, operator, claim)).toMatchObject({ ok: true });
    }
    const before = await readBalance(client, operator.address);

    const good = await raiseForcedClaim(client, operator, {
      direction: 'charge',
      ...(await justNow('bonded 1')),
    });
    if (!good.ok) throw new Error(good.detail);
    expect(good.value.claim).toMatchObject({ bondMicro: disputeFeeMicro, maker: operator.address });
    expect(await readBalance(client, operator.address)).toBe(before - disputeFeeMicro);
    await passWindow(good.value.claim);
    await payForcedClaim(client, a.signer, good.value.claim);
    expect(await readBalance(client, operator.address)).toBe(before);

    const { meterRecord } = (await justNow('of another session')).evidence;
    const forged = await justNow('bonded 2', { meterRecord });
    const bad = await raiseForcedClaim(client, operator, { direction: 'charge', ...forged });
    if (!bad.ok) throw new Error(bad.detail);
    const had = await readBalance(client, a.account);
    expect(await objectMeter(client, a.signer, bad.value.claim, forged.evidence)).toMatchObject({
      value: { held: true, feeMicro: disputeFeeMicro },
    });
    expect(await readBalance(client, a.account)).toBe(had + disputeFeeMicro);
  });

  test('the record may be demanded once, and the window begins anew when it is shown', async () => {
    const { client, members } = world;
    const [a, b] = members;
    const charge = await justNow('withheld');
    const { claimId, claim } = await raise(charge);
    expect(await demandMeterRecord(client, a.signer, claim)).toMatchObject({ ok: true });
    const waiting = await findForcedClaim(client, claimId);
    if (waiting === null) throw new Error('the claim is gone');
    await world.setTime(world.now() + 30 * day);
    expect(await payForcedClaim(client, b.signer, claim)).toMatchObject({ refusal: 'claim-unknown' });
    expect(await payForcedClaim(client, b.signer, waiting.claim)).toMatchObject({
      refusal: 'not-payable-yet',
    });
    expect(await showMeterRecord(client, b.signer, waiting.claim, 'OCMF|{}|{}')).toMatchObject({
      refusal: 'record-mismatch',
    });
    expect(await showMeterRecord(client, b.signer, waiting.claim, charge.evidence.meterRecord)).toMatchObject(
      { ok: true },
    );
    const shown = await findForcedClaim(client, claimId);
    if (shown === null) throw new Error('the claim is gone');
    expect(await demandMeterRecord(client, a.signer, shown.claim)).toMatchObject({
      refusal: 'record-demanded-already',
    });
    await passWindow(shown.claim);
    expect(await objectMeter(client, a.signer, shown.claim, charge.evidence)).toMatchObject({
      refusal: 'objection-too-late',
    });
    expect(await payForcedClaim(client, b.signer, shown.claim)).toMatchObject({ ok: true });
  });
});

describe("the meter's record", () => {
  const meter = testKey('meter of Garage');
  /** A charge whose record says what `change` makes of the genuine payload, signed by the meter. */
  async function withPayload(nonce: string, change: (payload: string) => string): Promise<Charge> {
    const genuine = await justNow(nonce);
    const payload = change(genuine.evidence.meterRecord.split('|')[1] as string);
    const meterRecord = await signMeterRecord(payload, (bytes) => meter.sign(bytes));
    return justNow(nonce, { meterRecord });
  }
  /** One whose record has another signature section. */
  async function withSection(nonce: string, change: (raw: Uint8Array, payload: string) => string) {
    const payload = (await justNow(nonce)).evidence.meterRecord.split('|')[1];
    const raw = meter.sign(Buffer.from(payload as string));
    const meterRecord = `OCMF|${payload}|${change(raw, payload as string)}`;
    return justNow(nonce, { meterRecord });
  }
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const cases: readonly (readonly [string, () => Promise<Charge>])[] = [
    ['genuine', () => justNow('genuine')],
    ['of another session', () => withPayload('id', (payload) => payload.replace(/"ID":"../, '"ID":"00'))],
    [
      'with another register',
      () => withPayload('wh', (payload) => payload.replace('"RV":1245.567', '"RV":1245.568')),
    ],
    ['of a fault', () => withPayload('st', (payload) => payload.replace('"ST":"G"', '"ST":"F"'))],
    ['with error flags', () => withPayload('ef', (payload) => payload.replace('"EF":""', '"EF":"E"'))],
    ['without an end', () => withPayload('tx', (payload) => payload.replace('"TX":"E"', '"TX":"C"'))],
    ['of another minute', () => withPayload('tm', (payload) => payload.replace(/T(..:..):../, 'T00:00:00'))],
    ['without pagination', () => withPayload('pg', (payload) => payload.replace('"PG":"T7"', '"PG":"7"'))],
    [
      'in Wh',
      () =>
        withPayload('unit', (p) => p.replace(/"RV":(\d+)\.(\d+)/g, '"RV":$1$2').replaceAll('"kWh"', '"Wh"')),
    ],
    ['in texts', () => withPayload('text', (p) => p.replace(/"RV":([\d.]+)/g, '"RV":"  $1"'))],
    [
      'with plain OBIS codes',
      () => withPayload('obis', (p) => p.replaceAll('01-00:B2.08.00*FF', '1-0:1.8.0*255')),
    ],
    ['with blanks between', () => withPayload('blank', (p) => p.replaceAll(',"', ' ,\n "'))],
    ['cut short', () => justNow('cut', { meterRecord: 'OCMF|{}' })],
    ['no record', () => justNow('none', { meterRecord: 'the dog ate it' })],
    ['signed by nobody', () => withSection('empty', () => '{}')],
    [
      'signed by another',
      () => withSection('key', (_, p) => `{"SD":"${hex(testKey('thief').sign(Buffer.from(p)))}"}`),
    ],
    ['signed as r and s', () => withSection('raw', (raw) => `{"SD":"${hex(raw).toUpperCase()}"}`)],
    [
      'signed in base64',
      () => withSection('b64', (raw) => `{"SE":"base64","SD":"${Buffer.from(raw).toString('base64')}"}`),
    ],
    [
      'with another hash',
      () => withSection('sha', (raw) => `{"SA":"ECDSA-secp256r1-SHA384","SD":"${hex(raw)}"}`),
    ],
    ['with half a section', () => withSection('half', (raw) => `{"SD":"${hex(raw)}"`)],
  ];

  test.each(cases)('is judged as verifyEvidence judges it: %s', async (_, make) => {
    const { client, members } = world;
    const charge = await make();
    const judged = await verifyEvidence(charge.evidence, testTrust, verifier);
    const { claim } = await raise(charge);
    const objected = await objectMeter(client, members[0].signer, claim, charge.evidence);
    expect(objected, judged.ok ? 'genuine' : judged.refusal).toMatchObject({
      ok: true,
      value: { held: !judged.ok },
    });
  });

  test('that only the contract cannot read costs nothing', async () => {
    const { client, members } = world;
    const [a] = members;
    const charge = await withPayload('escaped', (payload) => payload.replace('"MS":"1', '"MS":"\\u0031'));
    expect(await verifyEvidence(charge.evidence, testTrust, verifier)).toMatchObject({ ok: true });
    const { claim } = await raise(charge);
    const before = await readPosition(client, a.memberId);
    expect(await objectMeter(client, a.signer, claim, charge.evidence)).toMatchObject({
      refusal: 'meter-record-unreadable',
    });
    expect(await readPosition(client, a.memberId)).toEqual(before);
    const wrongKey = { ...charge.evidence, meterPublicKey: `${charge.evidence.meterPublicKey}00` as Hex };
    expect(await objectMeter(client, a.signer, claim, wrongKey)).toMatchObject({
      refusal: 'meter-key-mismatch',
    });
  });
});
