import type { Acknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { Acknowledgement as AcknowledgementObject } from '@p2p-power/protocol/Acknowledgement';
import type { Hex } from '@p2p-power/protocol/Hex';
import { bytes32, makeStation, networkId, testKey } from '@p2p-power/protocol/testing/world';
import { afterEach, describe, expect, test } from 'vitest';
import { backoffMs } from './HandIn.ts';
import { handInLoop } from './handInLoop.ts';
import { httpBackend } from './httpBackend.ts';
import { openStation } from './Station.ts';
import { type Misbehaviour, type ProviderServer, startProviderServer } from './testing/providerServer.ts';
import { makeStationWorld, namedRandom, type StationWorld, trusted } from './testing/stationWorld.ts';

const silent = { info() {}, warn() {}, error() {} };
let server: ProviderServer | undefined;
afterEach(() => server?.close());

/** A station that has charged `count` times, and its provider's server. */
async function withCharges(count: number, maxSegments = 8) {
  const world = await makeStationWorld({ options: { maxSegments } });
  server = await startProviderServer(world.ownProvider, {
    now: world.clock.nowS,
    trust: { providers: [trusted(world.driverProvider), trusted(world.ownProvider)], revocations: [] },
    stranger: testKey('stranger'),
  });
  for (let charge = 0; charge < count; charge += 1) await chargeOnce(world);
  const backend = httpBackend(server.url, { timeoutMs: 1_500 });
  return { world, server, backend };
}

async function chargeOnce(world: StationWorld): Promise<Hex> {
  const id = await world.start();
  await world.run(30);
  await world.stop(id);
  return id;
}

describe('handing in', () => {
  test('brings every CDR to the provider once, in segments of sixteen, and takes the trust list along', async () => {
    const { world, server, backend } = await withCharges(20);
    expect(world.station().status().unacknowledged).toBe(20);
    expect(await world.station().handIn(backend)).toBe(20);
    expect(server.records.size).toBe(20);
    expect(world.station().status()).toMatchObject({
      unacknowledged: 0,
      trustListIssuedAt: world.clock.nowS(),
    });
    expect(await world.station().handIn(backend)).toBe(0);
    expect(server.requests.handIn).toBe(1);
  });

  const troubles: readonly Misbehaviour[] = [
    'drop',
    'drop-answer',
    'slow',
    'error-500',
    'not-json',
    'wrong-key',
    'wrong-count',
    'wrong-segment',
    'half',
    'double',
  ];
  test.each(troubles)('in spite of a provider that answers: %s', async (trouble) => {
    const { world, server, backend } = await withCharges(2);
    await world.station().handIn(backend);
    await chargeOnce(world);
    server.mischief.push(trouble);
    await world
      .station()
      .handIn(backend)
      .catch((error: Error) => expect(error.name).toBe('BackendFault'));
    const isGood = trouble === 'double' || trouble === 'half';
    expect(world.station().status().unacknowledged).toBe(isGood ? 0 : 1);
    await world.station().handIn(backend);
    expect(world.station().status().unacknowledged).toBe(0);
    expect(server.records.size).toBe(3);
  });

  test('an answer to a part counts for that part, and the rest comes with the next turn', async () => {
    const { world, server, backend } = await withCharges(1);
    // Each collected as a segment of its own.
    await world.ask({ type: 'collect' });
    await chargeOnce(world);
    await world.ask({ type: 'collect' });
    server.mischief.push('half');
    expect(await world.station().handIn(backend)).toBe(1);
    expect(world.station().status().unacknowledged).toBe(1);
    expect(await world.station().handIn(backend)).toBe(1);
  });

  test('goes on after a restart with the same segments', async () => {
    const { world, server, backend } = await withCharges(3);
    server.mischief.push('drop-answer');
    await world
      .station()
      .handIn(backend)
      .catch(() => undefined);
    const first = await world.ask({ type: 'collect' });
    await world.crash();
    const second = await world.ask({ type: 'collect' });
    const idsOf = (answer: typeof first) =>
      answer.type === 'sealed' ? answer.segments.map(({ header }) => header.segmentId) : [];
    expect(idsOf(second)).toEqual(idsOf(first));
    await world.station().handIn(backend);
    expect(world.station().status().unacknowledged).toBe(0);
    await world.crash();
    expect(world.station().status().unacknowledged).toBe(0);
    expect(server.records.size).toBe(3);
  });

  test('the loop waits longer after each failure and hands in soon after a charge', async () => {
    const { world, server, backend } = await withCharges(1);
    const loop = handInLoop(
      { clock: world.clock, random: namedRandom('loop'), backend, log: silent },
      world.station,
    );
    server.mischief.push('error-500', 'error-500', 'error-500');
    const attempts: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      await loop.turn();
      attempts.push(server.requests.handIn);
      world.clock.advanceMs(1_000);
    }
    expect(attempts.slice(0, 2)).toEqual([1, 2]);
    expect(attempts.at(-1)).toBe(4);
    expect(world.station().status().unacknowledged).toBe(0);
    await chargeOnce(world);
    await loop.turn();
    expect(world.station().status().unacknowledged).toBe(0);
  });

  test('backoff doubles up to its most and keeps at least half', () => {
    const options = { firstMs: 1_000, mostMs: 60_000 };
    const full = { bytes: () => new Uint8Array([255, 255]) };
    const none = { bytes: () => new Uint8Array([0, 0]) };
    expect([1, 2, 3, 7, 40].map((attempt) => backoffMs(attempt, full, options))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000,
    ]);
    expect(backoffMs(3, none, options)).toBe(2_000);
  });
});

test('long records are split into segments that a phone and a provider can take', async () => {
  const { world } = await withCharges(0);
  // Four weeks of quarter-hours in one record, eight times.
  const readings = Array.from({ length: 5_990 }, (_, index) => ({
    at: 1_780_000_000 + index * 900,
    importWh: 1_000_000 + index,
    exportWh: 0,
    state: 'charging',
  }));
  const id = await chargeOnce(world);
  const evidence = await world.receipt(id);
  await world.station().close();
  const { openJournal } = await import('./Journal.ts');
  const journal = openJournal(world.store);
  for (let index = 0; index < 8; index += 1)
    journal.append(world.clock.nowS(), [
      { kind: 'ended', subject: bytes32(`long ${index}`), body: { ...evidence, readings } },
    ]);
  const station = await openStation(world.parts, world.provision);
  expect(station.status().unacknowledged).toBe(9);
  const seen = new Set<string>();
  for (let visit = 0; visit < 3; visit += 1) {
    const answer = await station.answer({ type: 'collect' });
    if (answer.type !== 'sealed') throw new Error('nothing to carry');
    expect(JSON.stringify(answer).length).toBeLessThan(8 * 1024 * 1024);
    for (const { header } of answer.segments) seen.add(header.segmentId);
  }
  expect(seen.size).toBe(3);
});

describe('couriers', () => {
  test('carry sealed records away and acknowledgements back, twice and by two people', async () => {
    const { world, server, backend } = await withCharges(2);
    const first = await world.ask({ type: 'collect' });
    const second = await world.ask({ type: 'collect' });
    if (first.type !== 'sealed' || second.type !== 'sealed') throw new Error('nothing to carry');
    const [result] = await backend.handIn(first.segments);
    const [again] = await backend.handIn(second.segments);
    expect(result?.outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(again?.outcomes.map(({ outcome }) => outcome)).toEqual(['already-known', 'already-known']);
    expect(server.records.size).toBe(2);
    const acknowledgements = [result?.acknowledgement, again?.acknowledgement].flatMap((one) => one ?? []);
    expect(await world.ask({ type: 'deliver', acknowledgements })).toMatchObject({ acknowledged: 2 });
    expect(await world.ask({ type: 'deliver', acknowledgements })).toMatchObject({ acknowledged: 0 });
    expect(await world.ask({ type: 'collect' })).toEqual({ type: 'sealed', segments: [] });
  });

  test('cannot make the station forget with an acknowledgement of somebody else', async () => {
    const { world } = await withCharges(1);
    const sealed = await world.ask({ type: 'collect' });
    if (sealed.type !== 'sealed') throw new Error('nothing to carry');
    const header = sealed.segments[0]?.header;
    const value: Acknowledgement = {
      providerId: 'DEAAA',
      issuerKeyId: world.driverProvider.issuerKeyId,
      stationCertificateId: world.station().stationCertificateId,
      segmentId: header?.segmentId ?? networkId,
      count: 1,
      receivedAt: world.clock.nowS(),
    };
    const forged = await AcknowledgementObject.sign(networkId, value, world.driverProvider.key);
    expect(await world.ask({ type: 'deliver', acknowledgements: [forged] })).toMatchObject({
      acknowledged: 0,
    });
    expect(world.station().status().unacknowledged).toBe(1);
  });

  test('bring a newer trust list, but no forged or older one', async () => {
    const world = await makeStationWorld();
    const { signTrustList } = await import('./testing/stationWorld.ts');
    const content = { providers: [trusted(world.ownProvider)], revocations: [] };
    const newer = await signTrustList(world.ownProvider, world.clock.nowS(), content);
    const forged = await signTrustList(world.driverProvider, world.clock.nowS() + 1, content);
    const deliver = (trustList: typeof newer) =>
      world.ask({ type: 'deliver', acknowledgements: [], trustList });
    const before = world.station().status().trustListIssuedAt;
    expect(await deliver(forged)).toMatchObject({ trustListIssuedAt: before });
    expect(await deliver(newer)).toMatchObject({ trustListIssuedAt: world.clock.nowS() });
    // Durable, and in force: DEAAA is trusted no more.
    await world.crash();
    expect(await world.ask(await world.authorization())).toMatchObject({ refusal: 'unknown-provider' });
    const older = await signTrustList(world.ownProvider, world.clock.nowS() - 5, content);
    expect(await deliver(older)).toMatchObject({ trustListIssuedAt: world.clock.nowS() });
  });
});

test('a station opens on no provision but its own', async () => {
  const world = await makeStationWorld();
  const stranger = { ...world.parts, signer: testKey('another station') };
  await expect(openStation(stranger, world.provision)).rejects.toThrow('another key');
  const otherMeter = { ...world.parts, meter: { ...world.parts.meter, publicKey: networkId } };
  await expect(openStation(otherMeter, world.provision)).rejects.toThrow('another meter');
  const { certificate } = await makeStation(world.ownProvider, 'Garage', { metrologyClass: 'time-only' });
  await expect(openStation(world.parts, { ...world.provision, certificate })).rejects.toThrow('time-only');
  const otherIssuer = { ...world.provision, issuerKeys: [testKey('nobody').publicKey] };
  await expect(openStation(world.parts, otherIssuer)).rejects.toThrow('not signed by the provider');
});
