import { addKey, retireKey } from '@p2p-power/chain/Consortium';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { pointOf } from '@p2p-power/chain/PublicKeyPoint';
import { testAccount } from '@p2p-power/chain/testing/foundTestNetwork';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
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
} from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { abandonBatch } from '../clearing/abandonBatch.ts';
import { followChain } from '../clearing/followChain.ts';
import { readOperatorCharges } from '../operators/readOperatorCharges.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { peerFetch } from '../peers/peerFetch.ts';
import { type DisputeWorld, openDisputeWorld } from '../testing/disputeWorld.ts';
import { countWaiting } from '../testing/meetAtLock.ts';
import { addDriver, bertsAccount } from '../testing/moneyWorld.ts';
import { publishRevocations } from '../trust/publishRevocations.ts';
import { refreshMembers } from '../trust/refreshMembers.ts';
import { disputeOnce } from './disputesJob.ts';
import { anchorHandIns } from './handInAnchors.ts';
import { decideClaim, sendClaim } from './raiseClaims.ts';
import { anchorRevocations } from './revocationAnchors.ts';

let world: DisputeWorld;
afterEach(() => world.close());

const open = async (options: Parameters<typeof openDisputeWorld>[0] = {}) => {
  world = await openDisputeWorld(options);
};

const handIn = async (evidence: Evidence) => {
  const answer = await world.b.call('POST', '/hand-in', {
    body: { segments: [await world.seal([evidence])] },
  });
  expect(answer.body.results[0].outcomes).toMatchObject([{ outcome: 'accepted' }]);
  return answer.body.results[0].outcomes[0].cdrId as `0x${string}`;
};
const force = (cdrId: string, direction = 'charge', by: 'a' | 'b' = 'b') =>
  world[by].call('POST', '/admin/claims', { as: 'staff', body: { cdrId, direction } });
const claims = async (of: 'a' | 'b') =>
  (await world[of].call('GET', '/admin/claims', { as: 'staff' })).body.claims;
const run = async (of: 'a' | 'b', times = 1) => {
  for (let time = 0; time < times; time++) await disputeOnce(world[of].context);
};
/** Past the objection window of the tests' agreement. */
const pastWindow = () => world.clock.advance(3 * day + 60);

/** Balances without those at 0; the books must come to zero, and say of the chain what it says itself. */
async function balances(of: 'a' | 'b'): Promise<Record<string, number>> {
  const { body } = await world[of].call('GET', '/admin/ledger', { as: 'staff' });
  expect(body.totalMicro).toBe(0);
  const found: Record<string, number> = {};
  for (const { kind, owner, balanceMicro } of body.accounts)
    if (balanceMicro !== 0) found[`${kind} ${owner}`.trim()] = balanceMicro;
  expect(0 - (found['chain-position'] ?? 0)).toBe(body.positionMicro);
  const account = world.chains[of].account;
  expect(found['own-tokens'] ?? 0).toBe(Number(await world.chains[of].balanceMicro(account)));
  return found;
}
/** How Bert sees his charges. */
const operatorStates = async () => {
  const page = { limit: 10, offset: 0 };
  const query = { providerId: 'DEBBB', operatorId: 'bert', from: 0, to: 2 ** 40 };
  const { charges } = await readOperatorCharges(world.b.database.db, query, page);
  return charges.map(({ state }) => state);
};
const away = () => Promise.reject(new TypeError('away'));
const feeOf = (evidence: Evidence) =>
  Math.floor((evidence.cdr.value.chargeMicro * 150) / 10_000) + evidence.cdr.value.importedWh * 10;
/** Of the agreement in the chain room's tests. */
const disputeFee = 5_000_000;
const idsOf = async (evidence: Evidence) => ({
  cdrId: ChargeDetailRecord.id(networkId, evidence.cdr.value),
  authorizationId: Authorization.id(networkId, evidence.authorization.value),
});

test('a peer that goes silent is made to pay: by evidence, after the window, once', async () => {
  await open({ config: { disputes: { automatic: true, patienceS: 3_600 } } });
  const evidence = await world.charge('silent');
  world.wire = away;
  const cdrId = await handIn(evidence);
  expect(await deliverEvidence(world.b.context)).toBe(0);
  await run('b');
  expect(await claims('b')).toEqual([]);
  world.clock.advance(3_700);
  await run('b');
  const total = evidence.cdr.value.chargeMicro;
  expect(await claims('b')).toMatchObject([
    {
      cdrId,
      refusal: null,
      refusalDetail: null,
      state: 'raised',
      reason: 'peer-silent',
      direction: 'charge',
      amountMicro: total,
    },
  ]);
  expect(await operatorStates()).toEqual(['claimed']);
  // Nothing is paid before the window has closed.
  await run('b', 2);
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(0n);
  pastWindow();
  await run('b', 2);
  const fee = feeOf(evidence);
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(BigInt(total - fee));
  expect(await claims('b')).toMatchObject([{ state: 'paid', feeMicro: fee }]);
  expect(await operatorStates()).toEqual(['forced']);
  expect(await balances('b')).toEqual({ 'own-tokens': fee, 'fee-income DEAAA': -fee });

  // The silent one comes back: its position has grown, and the charge, when it has it, is no second debt.
  await run('a');
  expect(await balances('a')).toEqual({ 'peer-payable DEBBB': total, 'chain-position': -total });
  world.wire = (request, deliver) => deliver(request);
  world.clock.advance(3_700);
  await deliverEvidence(world.b.context);
  expect(await balances('a')).toEqual({ 'driver anna': total, 'chain-position': -total });
  const closed = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(closed.body.periods[0].outcome).toBe('nothing-to-settle');
});

test('a charge at dynamic prices is not claimed by force and keeps its batch, beside others that are claimed', async () => {
  await open({ config: { disputes: { automatic: true, patienceS: 3_600 } } });
  const dynamic = await world.charge('dynamic', { prices: testPrices });
  const waiting = await world.charge('dynamic and never answered', { prices: testPrices });
  await handIn(dynamic);
  await deliverEvidence(world.b.context);
  world.wire = away;
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  await handIn(waiting);
  const plain = await world.charge('plain');
  await handIn(plain);
  world.clock.advance(3_700);
  await run('b');
  const [{ cdrId }, ofPlain] = [await idsOf(dynamic), await idsOf(plain)];
  expect(await claims('b')).toMatchObject([{ cdrId: ofPlain.cdrId, state: 'raised', reason: 'peer-silent' }]);
  const { status, body } = await force(cdrId);
  expect([status, body.refusal]).toEqual([409, 'prices-not-claimable']);
  expect((await world.b.call('GET', '/admin/batches', { as: 'staff' })).body.batches).toMatchObject([
    { sequence: 1, state: 'built', totalMicro: dynamic.cdr.value.chargeMicro },
  ]);
  // The batch settles it as soon as the peer is back.
  world.wire = (request, deliver) => deliver(request);
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  await run('b');
  expect((await world.b.call('GET', '/admin/batches', { as: 'staff' })).body.batches).toMatchObject([
    { sequence: 1, state: 'settled' },
  ]);
});

test('what was settled in a batch is not paid again: the objection holds, and a false claim costs its maker', async () => {
  await open();
  const evidence = await world.charge('settled');
  const others = [await world.charge('beside'), await world.charge('beside too')];
  for (const one of [evidence, ...others]) await handIn(one);
  await deliverEvidence(world.b.context);
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  await run('a');
  const before = { a: await balances('a'), b: await balances('b') };
  // Our own server says no; somebody with the evidence and a member's key raises it all the same.
  const { cdrId, authorizationId } = await idsOf(evidence);
  expect((await force(cdrId)).body.refusal).toBe('charge-in-batch');
  const raised = await world.chains.b.disputes.raise({ direction: 'charge', evidence, authorizationId });
  expect(raised).toMatchObject({ ok: true });
  await run('a', 2);
  expect(await claims('a')).toMatchObject([
    { cdrId, state: 'void', objection: 'settled', answer: 'objected', reason: null },
  ]);
  await run('b');
  expect(await claims('b')).toMatchObject([{ state: 'void', objection: 'settled' }]);
  pastWindow();
  await run('b', 2);
  expect(await balances('a')).toEqual({
    ...before.a,
    'own-tokens': disputeFee,
    'dispute-fees DEBBB': -disputeFee,
  });
  expect(await balances('b')).toEqual({
    ...before.b,
    'chain-position': -disputeFee,
    'dispute-fees DEAAA': disputeFee,
  });
  // Void is for good.
  expect(
    await world.chains.b.disputes.raise({ direction: 'charge', evidence, authorizationId }),
  ).toMatchObject({
    refusal: 'claim-exists',
  });
});

test('a certificate revoked past the grace, and anchored, voids the claim; within the grace the charge is owed', async () => {
  await open();
  const now = world.clock.nowS();
  await publishRevocations(
    world.a.database.db,
    'DEAAA',
    [{ certificateId: world.anna.certificateId, expiresAt: now + 10 * day }],
    now,
  );
  expect(await anchorRevocations(world.a.context, world.chains.a)).toBe(true);
  expect(await anchorRevocations(world.a.context, world.chains.a)).toBe(false);
  world.clock.advance(3 * day);
  // The grace is a day. B has not heard of the revocation: its station was offline, and so was it.
  const early = await world.charge('in the grace', {
    readings: steadyReadings(now + day - 600, 3_600, 5_000),
  });
  const late = await world.charge('past the grace', {
    readings: steadyReadings(now + day + 600, 3_600, 5_000),
  });
  world.wire = away;
  for (const evidence of [early, late]) expect((await force(await handIn(evidence))).status).toBe(200);
  // It objects to the one, and has the record of the other shown.
  await run('a', 2);
  await run('b');
  await run('a');
  pastWindow();
  await run('b', 2);
  await run('a');
  const states = Object.fromEntries(
    (await claims('b')).map((claim: { cdrId: string; state: string; objection: string }) => [
      claim.cdrId,
      [claim.state, claim.objection],
    ]),
  );
  expect(states).toEqual({
    [(await idsOf(early)).cdrId]: ['paid', null],
    [(await idsOf(late)).cdrId]: ['void', 'revoked'],
  });
  const row = await world.b.database.db
    .selectFrom('charge')
    .select(['state', 'refusal'])
    .where('cdr_id', '=', (await idsOf(late)).cdrId)
    .executeTakeFirst();
  expect(row).toEqual({ state: 'refused', refusal: 'claim-void-revoked' });
  const fee = feeOf(early);
  expect(await balances('b')).toMatchObject({ 'own-tokens': fee, 'dispute-fees DEAAA': disputeFee });
  expect(await balances('a')).toMatchObject({ 'dispute-fees DEBBB': -disputeFee });
});

test('a leaked certificate key: what was signed up to its end and the grace is owed, nothing later', async () => {
  await open();
  // Who has A's key certifies a driver of its own, whom A never saw.
  const thief = await makeDriver(world.providerA, 'Thief');
  const endsAt = world.clock.nowS();
  const point = pointOf(world.providerA.key.publicKey);
  const nextPoint = pointOf(testKey('next key of DEAAA').publicKey);
  for (const step of [
    await addKey(world.client, testAccount('DEAAA'), nextPoint),
    await retireKey(world.client, testAccount('DEAAA'), point),
  ])
    expect(step).toMatchObject({ ok: true });
  await refreshMembers(world.b.context);
  const stolen = (name: string, startedAt: number) =>
    world.charge(name, { driver: thief, readings: steadyReadings(startedAt, 3_600, 5_000) });
  world.clock.advance(3 * day);
  const before = await stolen('before the end', endsAt - 7_000);
  const grace = await stolen('in the grace', endsAt + day - 600);
  const after = await stolen('past the grace', endsAt + day + 600);
  const ids = [await handIn(before), await handIn(grace)];
  // What is past the grace is refused where it is handed in already, and by the contract in any case.
  const answer = await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([after])] } });
  expect(answer.body.results[0].outcomes).toMatchObject([{ refusal: 'unknown-driver-provider' }]);
  const { authorizationId } = await idsOf(after);
  expect(
    await world.chains.b.disputes.raise({ direction: 'charge', evidence: after, authorizationId }),
  ).toMatchObject({ ok: false, refusal: 'unknown-driver-provider' });
  // A knows no such certificate and says so; the liability rule says that its key is its own affair.
  await deliverEvidence(world.b.context);
  const refused = await world.b.database.db.selectFrom('charge').select(['state', 'refusal']).execute();
  expect(refused).toEqual(ids.map(() => ({ state: 'refused', refusal: 'driver-certificate-not-issued' })));
  for (const cdrId of ids) expect((await force(cdrId)).body).toMatchObject({ state: 'raised' });
  await run('a');
  pastWindow();
  await run('b', 2);
  await run('a');
  expect((await claims('b')).map((claim: { state: string }) => claim.state)).toEqual(['paid', 'paid']);
  const total = before.cdr.value.chargeMicro + grace.cdr.value.chargeMicro;
  // A has paid, and has nobody to bill.
  expect(await balances('a')).toEqual({ 'peer-payable DEBBB': total, 'chain-position': -total });
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(BigInt(total - feeOf(before) - feeOf(grace)));
});

test('a key is rotated with overlap without a single charge refused', async () => {
  await open();
  const [old, next] = [world.providerA, makeProvider('DEAAA', testKey('next key of DEAAA'))];
  const signer = testAccount('DEAAA');
  const start = world.clock.nowS();
  // The new key first, everywhere known; then the end of the old one, ahead of time.
  expect(await addKey(world.client, signer, pointOf(next.key.publicKey))).toMatchObject({ ok: true });
  expect(
    await retireKey(world.client, signer, { ...pointOf(old.key.publicKey), from: start + 2 * day }),
  ).toMatchObject({ ok: true });
  const renewed = await makeDriver(next, 'Anna renewed', { notBefore: start - day });
  await addDriver(world.a, renewed, 'anna');
  const charges: Evidence[] = [];
  for (let hour = 0; hour < 96; hour += 12) {
    const startedAt = start + hour * 3_600 + 61;
    const readings = steadyReadings(startedAt, 1_800, 3_000);
    const name = `rotation ${hour}`;
    // Old certificates count until the end of the key and the grace; from the rotation on new ones are made.
    if (startedAt < start + 3 * day) charges.push(await world.charge(`${name} old`, { readings }));
    charges.push(await world.charge(`${name} new`, { readings, driver: renewed }));
  }
  world.clock.advance(5 * day);
  for (const provider of [world.a, world.b]) await refreshMembers(provider.context);
  for (const evidence of charges) await handIn(evidence);
  await deliverEvidence(world.b.context);
  const states = await world.b.database.db.selectFrom('charge').select(['state', 'refusal']).execute();
  expect(states).toHaveLength(charges.length);
  expect(states.filter(({ state }) => state !== 'accepted')).toEqual([]);
  // Past the end and the grace the old one counts no more.
  const stale = await world.charge('stale', {
    readings: steadyReadings(start + 3 * day + 600, 1_800, 3_000),
  });
  const answer = await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([stale])] } });
  expect(answer.body.results[0].outcomes).toMatchObject([{ refusal: 'unknown-driver-provider' }]);
});

test('the debts of a suspended and of a removed provider stay collectable; new ones are not made', async () => {
  await open();
  const batch = await world.charge('in a batch');
  const alone = await world.charge('by force');
  await handIn(batch);
  await deliverEvidence(world.b.context);
  world.wire = away;
  const forced = await handIn(alone);
  const suspendedAt = world.clock.nowS();
  await world.decide({ kind: 'suspend', memberId: encodeMemberId('DEAAA') });
  await refreshMembers(world.b.context);
  world.clock.advance(2 * day);
  const later = await world.charge('later', {
    readings: steadyReadings(suspendedAt + day + 600, 1_800, 3_000),
  });
  const answer = await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([later])] } });
  expect(answer.body.results[0].outcomes).toMatchObject([{ refusal: 'debtor-not-liable' }]);
  const { authorizationId } = await idsOf(later);
  expect(
    await world.chains.b.disputes.raise({ direction: 'charge', evidence: later, authorizationId }),
  ).toMatchObject({ ok: false, refusal: 'debtor-not-liable' });

  // It still signs what it owes, and that is settled; what it does not sign is claimed.
  world.wire = (request, deliver) => deliver(request);
  const closed = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(closed.body.periods[0]).toMatchObject({ outcome: 'built', batch: { state: 'settled' } });
  await world.decide({ kind: 'remove', memberId: encodeMemberId('DEAAA') });
  await refreshMembers(world.b.context);
  expect((await force(forced)).body).toMatchObject({ state: 'raised' });
  pastWindow();
  await run('b', 2);
  const total = batch.cdr.value.chargeMicro + alone.cdr.value.chargeMicro;
  expect(await world.chains.b.positionMicro('DEAAA')).toBe(BigInt(total));
  expect((await claims('b'))[0]).toMatchObject({ cdrId: forced, state: 'paid' });
});

test('the credit of a discharge is claimed by the driver’s provider in the other direction', async () => {
  await open();
  const evidence = await world.charge('discharge', {
    readings: steadyReadings(dawn + 61, 3_600, 2_000, 9_000),
  });
  const cdrId = await handIn(evidence);
  await deliverEvidence(world.b.context);
  const credit = evidence.cdr.value.creditMicro;
  world.wire = away;
  expect((await force(cdrId, 'credit', 'b')).body.refusal).toBe('charge-not-of-peer');
  expect((await force(cdrId, 'credit', 'a')).body).toMatchObject({
    state: 'raised',
    debtor: 'DEBBB',
    creditor: 'DEAAA',
    amountMicro: credit,
  });
  await run('b');
  expect(await claims('b')).toMatchObject([{ answer: 'right', state: 'raised', direction: 'credit' }]);
  pastWindow();
  await run('a', 2);
  await run('b');
  const a = await balances('a');
  expect(a['peer-receivable DEBBB']).toBeUndefined();
  expect(a['own-tokens']).toBe(credit);
  expect(await balances('b')).toMatchObject({ 'chain-position': -credit });
  // The charge of the same session is still settled as always.
  world.wire = (request, deliver) => deliver(request);
  const closed = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(closed.body.periods[0].batch).toMatchObject({ totalMicro: evidence.cdr.value.chargeMicro });
});

test('a batch that is never signed gives its charges up to claims; signed late it is void or settles what is left', async () => {
  await open({ config: { disputes: { automatic: true, patienceS: 3_600 } } });
  const evidence = await world.charge('stuck');
  await handIn(evidence);
  await deliverEvidence(world.b.context);
  world.wire = away;
  const closed = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(closed.body.periods[0].batch).toMatchObject({ state: 'built', sequence: 1 });
  world.clock.advance(3_700);
  await run('b');
  expect(await claims('b')).toMatchObject([{ state: 'raised', reason: 'batch-stuck' }]);
  expect((await world.b.call('GET', '/admin/batches', { as: 'staff' })).body.batches).toEqual([]);
  // Back again, the debtor signs no batch with what is claimed from it, whoever proposes it.
  world.wire = (request, deliver) => deliver(request);
  await run('a');
  const { unsettledCharges } = await import('../clearing/BatchBook.ts');
  const channel = { debtor: 'DEAAA', creditor: 'DEBBB', creditorAccount: world.chains.b.account };
  const cdrIds = [(await idsOf(evidence)).cdrId];
  const spans = [{ from: 0, to: 2 ** 52 }];
  expect(await unsettledCharges(world.a.database.db, channel, spans, { cdrIds })).toEqual([]);
  pastWindow();
  await run('b', 2);
  await run('a');
  expect(await claims('a')).toMatchObject([{ state: 'paid', answer: 'right' }]);
  // The next batch has the number of the one that was given up.
  const next = await world.charge('after', {
    readings: steadyReadings(world.clock.nowS() - 7_000, 600, 1_500),
  });
  await handIn(next);
  await deliverEvidence(world.b.context);
  const again = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(again.body.periods[0].batch).toMatchObject({
    state: 'settled',
    sequence: 1,
    totalMicro: next.cdr.value.chargeMicro,
  });
  await run('a');
  const [a, b] = [await balances('a'), await balances('b')];
  expect(a['peer-payable DEBBB']).toBeUndefined();
  expect(b['peer-receivable DEAAA']).toBeUndefined();
});

test('a claim of a charge in an unsigned batch waits for who gives that up, and does not hold the charge meanwhile', async () => {
  await open();
  const cdrId = await handIn(await world.charge('wanted twice'));
  await deliverEvidence(world.b.context);
  world.wire = away;
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  const { db } = world.b.database;
  let claiming: ReturnType<typeof decideClaim> | undefined;
  await db.transaction().execute(async (trx) => {
    const batch = await trx.selectFrom('batch').selectAll().forUpdate().executeTakeFirstOrThrow();
    claiming = decideClaim(world.b.context, world.chains.b, cdrId, 'charge', 'staff');
    await expect.poll(() => countWaiting(db)).toBe(1);
    await sql`select from charge where cdr_id = ${cdrId} for update nowait`.execute(trx);
    await abandonBatch(trx, batch);
  });
  expect(await claiming).toMatchObject({ ok: true });
  expect(await db.selectFrom('batch').selectAll().execute()).toEqual([]);
});

test('a batch that the debtor did sign settles after all, though its answer was lost and the batch was given up', async () => {
  await open();
  const [claimed, other] = [await world.charge('claimed'), await world.charge('beside it')];
  const cdrId = await handIn(claimed);
  await handIn(other);
  await deliverEvidence(world.b.context);
  // A signs, and its answer is lost on the way.
  world.wire = async (request, deliver) => {
    await deliver(request);
    throw new TypeError('the answer was lost');
  };
  const body = { periodEnd: world.clock.nowS() };
  const closed = await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  expect(closed.body.periods[0].batch).toMatchObject({ state: 'built', sequence: 1 });
  world.wire = away;
  expect((await force(cdrId)).body).toMatchObject({ state: 'raised' });
  // B has built another batch of the same number meanwhile, which A has never seen.
  world.clock.advance(day);
  const instead = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  expect(instead.body.periods[0].batch).toMatchObject({ state: 'built', sequence: 1, count: 1 });
  // A settles what both have signed, and then proves that.
  await run('a');
  world.clock.advance(60);
  await run('a', 2);
  expect(await claims('a')).toMatchObject([{ state: 'void', objection: 'settled' }]);
  await run('b');
  const { batches } = (await world.b.call('GET', '/admin/batches', { as: 'staff' })).body;
  expect(batches).toMatchObject([{ state: 'settled', sequence: 1, count: 2 }]);
  const [a, b] = [await balances('a'), await balances('b')];
  expect(a['peer-payable DEBBB']).toBeUndefined();
  expect(b['peer-receivable DEAAA']).toBeUndefined();
  const total = claimed.cdr.value.chargeMicro + other.cdr.value.chargeMicro;
  expect(b['channel-pot DEAAA']).toBe(total - feeOf(claimed) - feeOf(other));
  expect(b['dispute-fees DEAAA']).toBe(disputeFee);
  const kept = await world.b.database.db.selectFrom('charge').select(['cdr_id', 'fee_micro']).execute();
  expect(kept.map((row) => row.fee_micro).toSorted()).toEqual(
    [claimed, other].map((charge) => String(feeOf(charge))).toSorted(),
  );
});

test('a claim that somebody raises of a charge in an unsigned batch does not hold up the rest of the batch', async () => {
  await open();
  const [claimed, other] = [
    await world.charge('claimed by its operator'),
    await world.charge('of the others'),
  ];
  await handIn(claimed);
  await handIn(other);
  await deliverEvidence(world.b.context);
  world.wire = away;
  const body = { periodEnd: world.clock.nowS() };
  const closed = await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  expect(closed.body.periods[0].batch).toMatchObject({ state: 'built', sequence: 1, count: 2 });
  // Whoever holds the evidence may claim; here it is neither of the two.
  const { authorizationId } = await idsOf(claimed);
  const raised = await world.chains.c.disputes.raise({
    direction: 'charge',
    evidence: claimed,
    authorizationId,
  });
  expect(raised).toMatchObject({ ok: true });
  for (const side of ['a', 'b'] as const) await run(side);
  world.wire = (request, deliver) => deliver(request);
  const again = await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  expect(again.body.periods[0].batch).toMatchObject({
    state: 'settled',
    sequence: 1,
    count: 1,
    totalMicro: other.cdr.value.chargeMicro,
  });
  pastWindow();
  await run('b', 2);
  await run('a');
  expect(await claims('a')).toMatchObject([{ state: 'paid', answer: 'right' }]);
  const total = claimed.cdr.value.chargeMicro + other.cdr.value.chargeMicro;
  expect(await balances('a')).toEqual({ 'driver anna': total, 'chain-position': -total });
  expect((await balances('b'))['peer-receivable DEAAA']).toBeUndefined();
});

test('a silent debtor cannot let the deadline run out: an anchored hand-in is claimed after it', async () => {
  await open();
  const evidence = await world.charge('anchored');
  const other = await world.charge('not anchored');
  world.wire = away;
  const cdrId = await handIn(evidence);
  expect(await anchorHandIns(world.b.context, world.chains.b)).toBe(true);
  expect(await anchorHandIns(world.b.context, world.chains.b)).toBe(false);
  const late = await handIn(other);
  world.clock.advance(8 * day);
  expect((await force(late)).body).toMatchObject({ status: 422, refusal: 'handed-in-too-late' });
  expect((await force(cdrId)).body).toMatchObject({ state: 'raised' });
  pastWindow();
  await run('b', 2);
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(
    BigInt(evidence.cdr.value.chargeMicro - feeOf(evidence)),
  );
});

test('what the debtor never saw waits for the meter’s record, which is shown, and is then paid', async () => {
  await open();
  const evidence = await world.charge('unseen');
  world.wire = away;
  const cdrId = await handIn(evidence);
  expect((await force(cdrId)).body.state).toBe('raised');
  await run('a');
  expect(await claims('a')).toMatchObject([{ payableFrom: null, answer: 'demanded' }]);
  await run('b');
  await run('a');
  expect(await claims('a')).toMatchObject([{ answer: 'right' }]);
  expect((await claims('b'))[0].payableFrom).toBeGreaterThan(world.clock.nowS());
  pastWindow();
  await run('b', 2);
  expect(await claims('b')).toMatchObject([{ state: 'paid' }]);
});

test('a restart at any point and blocks that are taken back change nothing: claimed, paid and booked once', async () => {
  await open();
  const evidence = await world.charge('reorganised');
  world.wire = away;
  const cdrId = await handIn(evidence);
  // Killed after the chain has the claim, before our books do: the books say `raising`, and find it raised.
  const { disputes } = world.chains.b;
  const dying = {
    ...world.chains.b,
    disputes: {
      ...disputes,
      raise: async (request: Parameters<typeof disputes.raise>[0]) => {
        await disputes.raise(request);
        throw new Error('killed');
      },
    },
  };
  const decided = await decideClaim(world.b.context, dying, cdrId, 'charge', 'staff');
  if (!decided.ok) throw new Error(decided.detail);
  await sendClaim(world.b.context, dying, decided.value);
  expect(await claims('b')).toMatchObject([{ state: 'raising' }]);
  world.clock.advance(60);
  await Promise.all([run('b'), run('b')]);
  expect(await claims('b')).toMatchObject([{ state: 'raised' }]);
  pastWindow();
  await Promise.all([run('b', 2), run('b', 2)]);
  await run('a');
  const before = { a: await balances('a'), b: await balances('b') };
  expect(before.b['own-tokens']).toBe(feeOf(evidence));
  // The chain says that all its blocks are gone, and then tells the same again.
  for (const side of ['a', 'b'] as const) {
    const chain = world.chains[side];
    let told = false;
    const watch: string[] = [];
    await followChain(world[side].context, {
      ...chain,
      eventsSince: async (cursor) => {
        watch.push(...(await claims(side)).map((claim: { state: string }) => claim.state), '|');
        if (told) return chain.eventsSince(cursor);
        told = true;
        return { rolledBackTo: 0, events: [], cursor: [] };
      },
    });
    expect(watch.join(' ')).toMatch(side === 'b' ? /^paid \| raising \|/ : /^paid \| \|/);
    expect(await claims(side)).toMatchObject([{ state: 'paid' }]);
  }
  expect({ a: await balances('a'), b: await balances('b') }).toEqual(before);
  await run('b');
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(
    BigInt(evidence.cdr.value.chargeMicro - feeOf(evidence)),
  );
});

test('a meter’s record that the certified key did not sign voids the claim', async () => {
  await open();
  // The station's owner shows a record of another meter; the CDR names it, so that all else is right.
  const forger = await makeStation(world.providerB, 'Garage', { operatorAccount: bertsAccount });
  const evidence = await world.charge('forged record', {
    station: { ...forger, meterKey: testKey('another meter') },
  });
  const { cdrId, authorizationId } = await idsOf(evidence);
  const raised = await world.chains.b.disputes.raise({ direction: 'charge', evidence, authorizationId });
  expect(raised).toMatchObject({ ok: true });
  // A has been handed the evidence, and refused it for the meter.
  const answer = await peerFetch(world.b.context, 'DEAAA', '/peer/evidence', {
    body: JSON.stringify({ evidence: [evidence] }),
  });
  expect(((await answer.json()) as { outcomes: object[] }).outcomes).toMatchObject([
    { cdrId, refusal: 'bad-meter-signature' },
  ]);
  await run('a', 2);
  expect(await claims('a')).toMatchObject([{ state: 'void', objection: 'meter' }]);
  pastWindow();
  await run('b', 2);
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(0n);
});
