import { makeProvider } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { backoffS, deliverEvidence } from './deliverEvidence.ts';
import { PeerFault, peerFetch } from './peerFetch.ts';
import { signRequest } from './signRequest.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
});
afterAll(() => world.close());

const handOver = async (evidence: readonly unknown[]) => {
  const answer = await peerFetch(world.b.context, 'DEAAA', '/peer/evidence', {
    body: JSON.stringify({ evidence }),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as never as { outcomes: never[]; refusal?: string },
  };
};

test('a peer hands over evidence; again it is known already', async () => {
  const evidence = await world.charge('handed over');
  const first = await handOver([evidence]);
  expect(first.body.outcomes).toMatchObject([{ outcome: 'accepted' }]);
  expect((await handOver([evidence])).body.outcomes).toMatchObject([{ outcome: 'already-known' }]);
  const row = await world.a.database.db.selectFrom('charge').selectAll().executeTakeFirstOrThrow();
  expect(row).toMatchObject({ state: 'accepted', driver_id: 'anna', operator_provider: 'DEBBB' });
});

test('what is not ours, forged or not the peer’s is refused by name and kept', async () => {
  const good = await world.charge('good');
  const notOurs = await world.charge('dora', { driver: world.dora });
  const forged = { ...good, meterRecord: `${good.meterRecord} ` };
  const { body } = await handOver([notOurs, forged, { hello: 1 }, null, good]);
  expect(
    body.outcomes.map((outcome: { outcome: string; refusal?: string }) => outcome.refusal ?? outcome.outcome),
  ).toEqual(['driver-not-ours', 'meter-record-hash-mismatch', 'missing-field', 'not-an-object', 'accepted']);
  const kept = await world.a.call('GET', '/admin/refused-cdrs', { as: 'staff' });
  expect(kept.body.refused.map((one: { source: string }) => one.source)).toEqual(Array(4).fill('DEBBB'));
});

test('nobody else gets in: no signature, a stranger’s, our own, a replay', async () => {
  const url = 'https://a.example/peer/evidence';
  const body = JSON.stringify({ evidence: [await world.charge('stranger')] });
  const send = async (init: { headers?: Record<string, string>; body?: string }) => {
    const answer = await world.a.app.fetch(new Request(url, { method: 'POST', body, ...init }));
    return ((await answer.json()) as { refusal?: string }).refusal ?? answer.status;
  };
  const now = world.clock.nowS();
  const signedBy = async (key: typeof world.providerB.key) =>
    (await signRequest({ url, method: 'POST', body }, key, now)).headers as Record<string, string>;
  expect(await send({ headers: { 'content-type': 'application/json' } })).toBe('signature-missing');
  expect(await send({ headers: await signedBy(makeProvider('DEXXX').key) })).toBe('signature-key-unknown');
  expect(await send({ headers: await signedBy(world.providerA.key) })).toBe('signature-key-unknown');
  const headers = await signedBy(world.providerB.key);
  expect(await send({ headers, body: '{"evidence":[]}' })).toBe('content-digest-mismatch');
  expect(await send({ headers })).toBe(200);
  expect(await send({ headers })).toBe('request-replayed');
  await world.a.database.db
    .updateTable('member')
    .set({
      keys: JSON.stringify([
        { publicKey: world.providerB.key.publicKey, addedAt: 0, retiredAt: now - 1 },
      ]) as never,
    })
    .where('provider_id', '=', 'DEBBB')
    .execute();
  expect(await send({ headers: await signedBy(world.providerB.key) })).toBe('signature-key-unknown');
  await world.a.database.db
    .updateTable('member')
    .set({
      keys: JSON.stringify([{ publicKey: world.providerB.key.publicKey, addedAt: 0, retiredAt: 0 }]) as never,
    })
    .where('provider_id', '=', 'DEBBB')
    .execute();
});

test('a request signed for another member is no request to us, whatever its Host header says', async () => {
  const body = JSON.stringify({ evidence: [await world.charge('by another name')] });
  const sendTo = async (origin: string, arrivedAt: string) => {
    const { headers } = await signRequest(
      { url: `${origin}/peer/evidence`, method: 'POST', body },
      world.providerB.key,
      world.clock.nowS(),
    );
    const url = `${arrivedAt}/peer/evidence`;
    const answer = await world.a.app.fetch(
      new Request(url, { method: 'POST', body, headers: { ...headers, host: new URL(arrivedAt).host } }),
    );
    return ((await answer.json()) as { refusal?: string }).refusal ?? answer.status;
  };
  expect(await sendTo('https://m.example', 'https://m.example')).toBe('signature-invalid');
  expect(await sendTo('http://127.0.0.1:7402', 'http://127.0.0.1:7402')).toBe('signature-invalid');
  // Behind a reverse proxy it arrives at another address than the one that was signed.
  expect(await sendTo('https://a.example', 'http://127.0.0.1:8080')).toBe(200);
});

test('a peer that is away, answers nonsense or only in part is asked again, later and later', async () => {
  const evidence = [await world.charge('later 1'), await world.charge('later 2')];
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
  const outbox = () =>
    world.b.database.db
      .selectFrom('outbox')
      .select(['attempts', 'next_attempt_at'])
      .orderBy('cdr_id')
      .execute();
  const { nowS, advance } = world.clock;
  const answers = [
    () => Promise.reject(new TypeError('away')),
    async () => new Response('<html>', { status: 502 }),
    async () => Response.json({ refusal: 'signature-out-of-window' }, { status: 401 }),
    async () => Response.json({ outcomes: [] }),
    async () => Response.json({ outcomes: [{ cdrId: `0x${'12'.repeat(32)}`, outcome: 'accepted' }] }),
    async () => Response.json({ outcomes: 5 }),
  ];
  for (const [index, answer] of answers.entries()) {
    world.wire = answer;
    expect(await deliverEvidence(world.b.context)).toBe(0);
    const rows = await outbox();
    expect(rows.map((row) => row.attempts)).toEqual([index + 1, index + 1]);
    expect(rows.map((row) => Number(row.next_attempt_at))).toEqual(
      Array(2).fill(nowS() + backoffS(index + 1)),
    );
    advance(backoffS(index + 1));
  }
  world.wire = async (request, deliver) => {
    const whole = (await (await deliver(request)).json()) as { outcomes: unknown[] };
    return Response.json({ outcomes: whole.outcomes.slice(0, 1) });
  };
  expect(await deliverEvidence(world.b.context)).toBe(0);
  expect(await outbox()).toHaveLength(1);
  world.wire = (request, deliver) => deliver(request);
  advance(4_000);
  expect(await deliverEvidence(world.b.context)).toBe(1);
  expect(await outbox()).toEqual([]);
  const states = await world.b.database.db.selectFrom('charge').select('state').execute();
  expect(states).toEqual([{ state: 'accepted' }, { state: 'accepted' }]);
});

test('one process hands a charge over at a time, and one that died is followed by another', async () => {
  const evidence = await world.charge('leased');
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  let asked = 0;
  let answerFirst = () => {};
  const firstAsked = new Promise<void>((resolve) => {
    world.wire = async (request, deliver) => {
      asked++;
      if (asked > 1) return deliver(request);
      resolve();
      await new Promise<void>((answer) => {
        answerFirst = answer;
      });
      throw new TypeError('died');
    };
  });
  const first = deliverEvidence(world.b.context);
  await firstAsked;
  expect(await deliverEvidence(world.b.context)).toBe(0);
  expect(asked).toBe(1);
  world.clock.advance(121);
  expect(await deliverEvidence(world.b.context)).toBe(1);
  answerFirst();
  expect(await first).toBe(0);
  world.wire = (request, deliver) => deliver(request);
});

test('a peer that nobody knows the way to is a fault', async () => {
  await expect(peerFetch(world.b.context, 'DEXXX', '/peer/evidence')).rejects.toThrow(PeerFault);
});
