import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { Acknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { LinkRequest } from '@p2p-power/protocol/LocalLink';
import { signProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { Segment } from '@p2p-power/protocol/Segment';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { bytes32, dawn, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import { accept, refuse } from '@p2p-power/tariff/Result';
import { beforeEach, expect, test } from 'vitest';
import type { Link } from '../charge/Link.ts';
import { memoryStore, type Store } from '../store/Store.ts';
import { courierStanding, type HandInPort, handInAll, serveStation } from './courier.ts';

const provider = makeProvider('DEBBB');
const station = {
  certificateId: bytes32('station'),
  keyId: bytes32('station key'),
  trustListIssuedAt: dawn,
};
const segment = (name: string, providerId = 'DEBBB'): Segment => ({
  header: {
    version: 1,
    networkId,
    providerId,
    recipientKeyId: bytes32('key'),
    segmentId: bytes32(name),
    count: 2,
  },
  encapsulatedKey: btoa(`\u0004${'k'.repeat(64)}`),
  ciphertext: btoa('sealed'.repeat(8)),
});
const acknowledge = (of: Segment): Promise<SignedAcknowledgement> =>
  Acknowledgement.sign(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: provider.issuerKeyId,
      stationCertificateId: station.certificateId,
      segmentId: of.header.segmentId,
      count: of.header.count,
      receivedAt: dawn,
    },
    provider.key,
  );

let store: Store;
let said: LinkRequest[];
let sealed: readonly Segment[];
let link: Link;
beforeEach(() => {
  store = memoryStore();
  said = [];
  sealed = [segment('one'), segment('two', 'DEAAA')];
  link = {
    url: 'ws://station/link',
    close: () => undefined,
    async ask(request, expected) {
      said.push(request);
      const answer =
        request.type === 'collect'
          ? { type: 'sealed', segments: sealed }
          : { type: 'taken', acknowledged: 1, trustListIssuedAt: dawn };
      return answer.type === expected ? accept(answer as never) : refuse('malformed-answer', answer.type);
    },
  };
});

const provides = (handIn: HandInPort['handIn']): HandInPort => ({ handIn });
const acknowledging = provides(async (_providerId, segments) =>
  accept(
    await Promise.all(
      segments.map(async (one) => ({
        segmentId: one.header.segmentId,
        acknowledgement: await acknowledge(one),
      })),
    ),
  ),
);

test('records are taken along once, however often one comes by', async () => {
  await serveStation(store, link, station);
  await serveStation(store, link, station);
  expect(said.map(({ type }) => type)).toEqual(['collect', 'collect']);
  expect(await courierStanding(store)).toEqual({ carried: 0, waiting: 4 });
});

test('each goes to the provider that it is sealed for, and its acknowledgement back to the station', async () => {
  await serveStation(store, link, station);
  const handed: string[] = [];
  await handInAll(
    store,
    provides((providerId, segments) => {
      handed.push(`${providerId} ${segments.length}`);
      return acknowledging.handIn(providerId, segments);
    }),
  );
  expect(handed.sort()).toEqual(['DEAAA 1', 'DEBBB 1']);
  expect(await courierStanding(store)).toEqual({ carried: 4, waiting: 0 });
  sealed = [];
  await serveStation(store, link, station);
  expect(said.at(-2)).toEqual({
    type: 'deliver',
    acknowledgements: await Promise.all([segment('one'), segment('two')].map(acknowledge)).then((all) =>
      all.sort((a, b) => (a.value.segmentId < b.value.segmentId ? -1 : 1)),
    ),
  });
  await serveStation(store, link, station);
  expect(said.at(-2)?.type).toBe('collect');
});

test('without internet, or without an acknowledgement, everything waits', async () => {
  await serveStation(store, link, station);
  await handInAll(
    store,
    provides(async () => refuse('provider-unreachable', '')),
  );
  await handInAll(
    store,
    provides(async () => accept([])),
  );
  await handInAll(
    store,
    provides(async () => accept([{ segmentId: bytes32('one'), acknowledgement: 'yes' }])),
  );
  expect(await courierStanding(store)).toEqual({ carried: 0, waiting: 4 });
});

test('an acknowledgement of another record than the one handed in makes none disappear', async () => {
  await serveStation(store, link, station);
  const [ofB, ofA] = [segment('one'), segment('two', 'DEAAA')];
  const stranger = provides(async (providerId) =>
    providerId === 'DEAAA'
      ? accept([{ segmentId: ofA.header.segmentId, acknowledgement: await acknowledge(ofB) }])
      : refuse('provider-unreachable', ''),
  );
  await handInAll(store, stranger);
  expect(await courierStanding(store)).toEqual({ carried: 0, waiting: 4 });
  expect(await store.list('courier/acknowledgement/')).toEqual([]);
});

test('what one provider takes is gone, and what the other refuses waits on', async () => {
  await serveStation(store, link, station);
  await handInAll(
    store,
    provides(async (providerId, segments) =>
      providerId === 'DEBBB' ? acknowledging.handIn(providerId, segments) : refuse('rate-limited', ''),
    ),
  );
  expect(await courierStanding(store)).toEqual({ carried: 2, waiting: 2 });
});

test('an acknowledgement that the station did not take is brought again', async () => {
  await serveStation(store, link, station);
  await handInAll(store, acknowledging);
  sealed = [];
  await serveStation(store, { ...link, ask: async () => refuse('no-connection', '') }, station);
  said = [];
  await serveStation(store, link, station);
  expect(said[0]).toMatchObject({ type: 'deliver', acknowledgements: [{}, {}] });
});

test('a phone carries no more than it has room for, and goes on when some is handed in', async () => {
  sealed = Array.from({ length: 203 }, (_, index) => segment(`many ${index}`));
  await serveStation(store, link, station);
  expect(await store.list('courier/segment/')).toHaveLength(200);
  await handInAll(store, acknowledging);
  sealed = sealed.slice(200);
  await serveStation(store, link, station);
  expect(await courierStanding(store)).toEqual({ carried: 400, waiting: 6 });
});

test('what the provider has for the station is brought with its acknowledgement, once, also to a renewed one', async () => {
  const provision = await signProvisionUpdate(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: provider.issuerKeyId,
      stationKeyId: station.keyId,
      issuedAt: dawn,
    },
    { tariff: 'new' },
    provider.key,
  );
  sealed = [segment('one')];
  await serveStation(store, link, station);
  const provisioning = provides(async (_providerId, segments) =>
    accept(
      await Promise.all(
        segments.map(async (one) => ({
          segmentId: one.header.segmentId,
          acknowledgement: await acknowledge(one),
          provision,
        })),
      ),
    ),
  );
  await handInAll(store, provisioning);
  sealed = [];
  await serveStation(store, link, { ...station, keyId: bytes32('a neighbour'), certificateId: bytes32('n') });
  expect(said.map(({ type }) => type)).toEqual(['collect', 'collect']);
  await serveStation(store, link, { ...station, certificateId: bytes32('renewed') });
  expect(said.at(-2)).toEqual({
    type: 'deliver',
    acknowledgements: [await acknowledge(segment('one'))],
    provision,
  });
  await serveStation(store, link, station);
  expect(said.at(-2)?.type).toBe('collect');
});

test('a newer trust list is brought, an older one is not', async () => {
  const list = (issuedAt: number) => ({ head: { value: { issuedAt } }, contentJson: '{}' }) as TrustList;
  await serveStation(store, link, station, list(dawn));
  expect(said.map(({ type }) => type)).toEqual(['collect']);
  await serveStation(store, link, station, list(dawn + 1));
  expect(said.map(({ type }) => type)).toEqual(['collect', 'deliver', 'collect']);
});

test('what was kept and is no segment is passed over', async () => {
  await store.put('courier/segment/x', { header: {} });
  expect(await courierStanding(store)).toEqual({ carried: 0, waiting: 0 });
  await handInAll(store, acknowledging);
});
