import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { Acknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { LinkRequest } from '@p2p-power/protocol/LocalLink';
import type { Segment } from '@p2p-power/protocol/Segment';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { bytes32, dawn, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import { accept, refuse } from '@p2p-power/tariff/Result';
import { beforeEach, expect, test } from 'vitest';
import type { Link } from '../charge/Link.ts';
import { memoryStore, type Store } from '../store/Store.ts';
import { courierStanding, type HandInPort, handInAll, serveStation } from './courier.ts';

const provider = makeProvider('DEBBB');
const station = { certificateId: bytes32('station'), trustListIssuedAt: dawn };
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
