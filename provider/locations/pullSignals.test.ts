import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeSignals } from '../testing/askSignals.ts';
import { knowIndex } from '../testing/knowIndex.ts';
import { enterPoint, samplePoint } from '../testing/samples.ts';
import { testNetworkId } from '../testing/testProvider.ts';
import { openTwoProviders, type TwoProviders } from '../testing/twoProviders.ts';
import { followPeers } from '../trust/followPeers.ts';
import { readLocations } from './readLocations.ts';
import { storePeerLocations } from './storePeerLocations.ts';

const terms = {
  area: 'AT',
  factorPerMille: 1_000,
  marginMicro: 100_000,
  floorMicro: 0,
  capMicro: 390_000,
  maxAgeS: 3_600,
};

let world: TwoProviders;
let entered: Awaited<ReturnType<typeof enterPoint>>;
beforeAll(async () => {
  world = await openTwoProviders();
  entered = await enterPoint(world.b, { evseId: 'DEBBBEHOTEL1' });
  await world.b.call('POST', '/admin/points', {
    as: 'staff',
    body: samplePoint(entered.operator.operatorId, { evseId: 'DEBBBEHOTEL1', feedInMicroPerKwh: 70_000 }),
  });
  await world.b.context.db
    .updateTable('evse')
    .set({ dynamic_terms: JSON.stringify(terms), held_terms: JSON.stringify({ dynamic: terms }) })
    .execute();
});
afterAll(() => world.close());

const follow = () => followPeers(world.a.context, new AbortController().signal);
const nowS = () => world.b.clock.nowS();
const path = '/points/DEBBBEHOTEL1?energyWh=2000&powerW=8000';
const seenAt = async (name: 'a' | 'b') => {
  const { lastSeenAt: _, ...point } = (await world[name].call('GET', path)).body;
  return point;
};

async function take(indexMicro: number) {
  const index = Array.from({ length: 40 }, () => indexMicro);
  await knowIndex(world.b.context.db, 'AT', nowS() - (nowS() % 900), index);
  const id = StationCertificate.id(testNetworkId, entered.provision.certificate.value);
  expect((await takeSignals(world.b, id, entered.station)).status).toBe(200);
}

test('a peer’s dynamic point is priced on our map as on its own, by the signal that its station took', async () => {
  await follow();
  expect(await seenAt('a')).toMatchObject({ available: false, unavailable: 'no-fresh-price' });
  await take(80_000);
  await follow();
  const point = await seenAt('a');
  // 2 kWh at 0.18 € and 19 % VAT.
  expect(point).toMatchObject({
    available: true,
    priceMicro: 428_400,
    feedInMicroPerKwh: 70_000,
    dynamic: { area: 'AT', isFallback: false },
  });
  expect(point).toEqual(await seenAt('b'));
});

test('each signal is fetched once, and a new one when a station took it', async () => {
  const kept = async () =>
    (await world.a.context.db.selectFrom('signal').select('signal_id').execute()).length;
  expect(await kept()).toBe(1);
  await follow();
  expect(await kept()).toBe(1);
  for (const name of ['a', 'b'] as const) world[name].clock.advance(60);
  await take(-20_000);
  await follow();
  expect(await kept()).toBe(2);
  expect(await seenAt('a')).toEqual(await seenAt('b'));
  expect((await seenAt('a')).priceMicro).toBe(190_400);
});

test('while its station goes by other terms, our map promises the dearer of both as well', async () => {
  const held = JSON.stringify({ dynamic: { ...terms, marginMicro: 150_000 } });
  const set = (heldTerms: string) =>
    world.b.context.db
      .updateTable('evse')
      .set({ held_terms: heldTerms, updated_at: String(nowS()) })
      .execute();
  await set(held);
  await follow();
  expect((await seenAt('a')).priceMicro).toBe(309_400);
  expect(await seenAt('a')).toEqual(await seenAt('b'));
  await set(JSON.stringify({ dynamic: terms }));
  await follow();
});

test('grown too old it prices nothing, here as there', async () => {
  for (const name of ['a', 'b'] as const) world[name].clock.advance(3_601);
  expect(await seenAt('a')).toMatchObject({ available: false, unavailable: 'no-fresh-price' });
  expect(await seenAt('a')).toEqual(await seenAt('b'));
});

test('a signal that the peer did not sign, or another than it named, is not believed', async () => {
  await take(50_000);
  const { context } = world.a;
  const original = context.fetch;
  const forged = (change: (signal: Record<string, unknown>) => unknown) =>
    (async (request: Request) => {
      const response = await original(request);
      if (!new URL(request.url).pathname.startsWith('/signals/')) return response;
      return Response.json(change((await response.json()) as Record<string, unknown>));
    }) as typeof fetch;
  const kept = async () => (await context.db.selectFrom('signal').select('signal_id').execute()).length;
  const before = await kept();
  for (const change of [
    (signal: Record<string, unknown>) => ({
      ...signal,
      contentJson: String(signal.contentJson).replace('50000', '1'),
    }),
    () => ({ head: null }),
  ])
    await followPeers({ ...context, fetch: forged(change) }, new AbortController().signal);
  const older = await world.b.context.db
    .selectFrom('signal')
    .select('signed')
    .orderBy('issued_at')
    .executeTakeFirstOrThrow();
  await followPeers(
    { ...context, fetch: forged(() => JSON.parse(older.signed)) },
    new AbortController().signal,
  );
  expect(await kept()).toBe(before);
  await follow();
  expect(await kept()).toBe(before + 1);
});

test('terms that cannot be read price nothing, rather than look like a fixed price', async () => {
  const [location] = (await readLocations(world.b.context, { offset: 0, limit: 1 })).locations;
  const [evse] = location?.evses ?? [];
  const changed = {
    ...location,
    evses: [
      { ...evse, p2p_power: { ...evse?.p2p_power, dynamic: { terms: { area: 'AT', surprise: true } } } },
    ],
  };
  const stored = await storePeerLocations(world.a.context.db, 'DEBBB', [changed], nowS());
  expect(stored).toMatchObject({ taken: 1, refused: [] });
  const point = await seenAt('a');
  expect(point).toMatchObject({ available: false, unavailable: 'no-fresh-price' });
  expect(point.priceMicro).toBeUndefined();
});
