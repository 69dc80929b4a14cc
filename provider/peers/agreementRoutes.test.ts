import { dawn, day, steadyReadings } from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearOnce } from '../clearing/closePeriod.ts';
import { followChain } from '../clearing/followChain.ts';
import { type DisputeWorld, openDisputeWorld } from '../testing/disputeWorld.ts';
import { deliverEvidence } from './deliverEvidence.ts';

let world: DisputeWorld;
beforeEach(async () => {
  world = await openDisputeWorld({ terms: null });
});
afterEach(() => world.close());

const terms = {
  feeShareBp: 200,
  feeMicroPerKwh: 10_000,
  periodS: day,
  handInDeadlineS: 30 * day,
  graceS: day,
  objectionWindowS: 3 * day,
  noticeS: 10 * day,
  creditLimitMicro: 1_000_000_000,
  validFrom: dawn - 30 * day,
};

const propose = async (change: object = {}, from: 'a' | 'b' = 'a') =>
  world[from].call('POST', '/admin/agreements', {
    as: 'staff',
    body: { peer: from === 'a' ? 'DEBBB' : 'DEAAA', terms: { ...terms, ...change } },
  });
const accept = async (id: string, by: 'a' | 'b' = 'b') =>
  world[by].call('POST', `/admin/agreements/${id}/accept`, { as: 'staff' });
const list = async (of: 'a' | 'b') => {
  await followChain(world[of].context, world.chains[of]);
  return (await world[of].call('GET', '/admin/agreements', { as: 'staff' })).body.agreements;
};
const handIn = async (name: string, startedAt: number) => {
  const evidence = await world.charge(name, { readings: steadyReadings(startedAt, 3_600, 11_000) });
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  await deliverEvidence(world.b.context);
  return evidence;
};
const close = async () =>
  (
    await world.b.call('POST', '/admin/periods/close', {
      as: 'staff',
      body: { periodEnd: world.clock.nowS(), peer: 'DEAAA' },
    })
  ).body.periods[0];

test('one proposes, the other accepts; only then it holds, and both see the same', async () => {
  const proposed = await propose();
  expect(proposed).toMatchObject({
    status: 200,
    body: { peer: 'DEBBB', proposer: 'DEAAA', version: 1, state: 'proposed', acceptedAt: null },
  });
  // The same again is the same.
  expect((await propose()).body.agreementId).toBe(proposed.body.agreementId);
  expect(await list('b')).toMatchObject([{ peer: 'DEAAA', proposer: 'DEAAA', state: 'proposed' }]);
  expect(await accept(proposed.body.agreementId, 'a')).toMatchObject({
    status: 422,
    body: { refusal: 'not-the-other' },
  });
  expect(await accept(proposed.body.agreementId)).toMatchObject({
    status: 200,
    body: {
      state: 'in-force',
      terms: { ...terms, feeTo: 'creditor', currency: 'EUR', disputeFeeMicro: 0, termsContract: null },
    },
  });
  expect(await list('a')).toEqual((await list('b')).map((one: object) => ({ ...one, peer: 'DEBBB' })));
});

test('what does not go is refused by name', async () => {
  const unknown = `0x${'12'.repeat(32)}`;
  expect(await accept(unknown)).toMatchObject({ status: 404, body: { refusal: 'agreement-unknown' } });
  const stranger = { peer: 'DEXXX', terms };
  expect(await world.a.call('POST', '/admin/agreements', { as: 'staff', body: stranger })).toMatchObject({
    status: 404,
    body: { refusal: 'peer-unknown' },
  });
  expect((await world.a.call('POST', '/admin/agreements', { body: stranger })).status).toBe(401);
  expect((await propose({ feeShareBp: 10_001 })).status).toBe(400);
  expect(await propose({ objectionWindowS: 4_294_967_295 })).toMatchObject({
    status: 422,
    body: { refusal: 'terms-malformed' },
  });
});

test('new terms begin with a period to come; late charges settle under those they were signed under', async () => {
  await accept((await propose()).body.agreementId);
  const now = world.clock.nowS();
  const tomorrow = now - (now % day) + day;
  expect(await propose({ feeShareBp: 500, validFrom: now + 1 })).toMatchObject({
    status: 422,
    body: { refusal: 'valid-from-not-usable' },
  });
  const second = await propose({ feeShareBp: 500, feeTo: 'debtor', validFrom: tomorrow }, 'b');
  await accept(second.body.agreementId, 'a');
  expect((await list('a')).map((one: { state: string }) => one.state)).toEqual(['in-force', 'accepted']);

  world.clock.advance(day + 7_200);
  const late = await handIn('late', dawn + 61);
  const fresh = await handIn('fresh', tomorrow + 61);
  expect((await list('a')).map((one: { state: string }) => one.state)).toEqual(['replaced', 'in-force']);
  expect((await close()).outcome).toBe('built');
  await followChain(world.a.context, world.chains.a);
  for (const side of ['a', 'b'] as const) {
    const { batches } = (await world[side].call('GET', '/admin/batches', { as: 'staff' })).body;
    expect(
      batches.map(({ sequence, agreementId, totalMicro, state }: Record<string, unknown>) => [
        sequence,
        agreementId,
        totalMicro,
        state,
      ]),
    ).toEqual([
      [2, second.body.agreementId, fresh.cdr.value.chargeMicro, 'settled'],
      [1, (await list('a'))[0].agreementId, late.cdr.value.chargeMicro, 'settled'],
    ]);
  }
  // The fee of the second is the debtor's: it has issued so much less, and nobody's books are out of balance.
  const fee = Math.floor((fresh.cdr.value.chargeMicro * 500) / 10_000) + 110_000;
  const total = late.cdr.value.chargeMicro + fresh.cdr.value.chargeMicro;
  expect(await world.chains.a.positionMicro('DEAAA')).toBe(BigInt(total - fee));
  for (const side of ['a', 'b'] as const) {
    const ledger = (await world[side].call('GET', '/admin/ledger', { as: 'staff' })).body;
    expect(ledger.totalMicro).toBe(0);
    const open = ledger.accounts.filter(
      ({ kind, balanceMicro }: { kind: string; balanceMicro: number }) =>
        kind.startsWith('peer-') && balanceMicro !== 0,
    );
    expect(open).toEqual([]);
  }
});

test('a batch that was built before other terms were accepted is signed and settled as it was', async () => {
  await accept((await propose()).body.agreementId);
  await handIn('before', dawn + 61);
  // The debtor is away while the period closes, and new terms are agreed on meanwhile.
  world.wire = () => Promise.reject(new TypeError('away'));
  expect((await close()).batch).toMatchObject({ state: 'built', refusal: 'peer-unreachable' });
  const now = world.clock.nowS();
  const tomorrow = now - (now % day) + day;
  await accept((await propose({ feeShareBp: 500, validFrom: tomorrow })).body.agreementId);
  world.clock.advance(2 * day);
  world.wire = (request, deliver) => deliver(request);
  await clearOnce(world.b.context);
  const { batches } = (await world.b.call('GET', '/admin/batches', { as: 'staff' })).body;
  expect(batches).toMatchObject([{ sequence: 1, state: 'settled' }]);
});

test('notice ends an agreement for charges to come, not for those signed before', async () => {
  const { agreementId } = (await accept((await propose()).body.agreementId)).body;
  const notice = (endsAt: number) =>
    world.a.call('POST', `/admin/agreements/${agreementId}/notice`, { as: 'staff', body: { endsAt } });
  const now = world.clock.nowS();
  expect(await notice(now + day)).toMatchObject({ status: 422, body: { refusal: 'notice-too-short' } });
  const endsAt = now + 10 * day + 60;
  expect(await notice(endsAt)).toMatchObject({ status: 200, body: { endsAt, state: 'in-force' } });
  world.clock.advance(11 * day);
  expect((await list('b'))[0]).toMatchObject({ state: 'ended', endsAt });
  const before = await handIn('before the end', dawn + 61);
  expect((await close()).batch).toMatchObject({ state: 'settled', totalMicro: before.cdr.value.chargeMicro });
  const after = await world.charge('after the end', { readings: steadyReadings(endsAt + 100, 600, 2_000) });
  const answer = await world.b.call('POST', '/hand-in', {
    body: { segments: [await world.seal([after])] },
  });
  expect(answer.body.results[0].outcomes).toMatchObject([{ outcome: 'refused', refusal: 'no-agreement' }]);
});
