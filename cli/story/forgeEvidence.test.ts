import nodeCrypto from 'node:crypto';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import {
  buildEvidence,
  makeProvider,
  makeStation,
  networkId,
  trustIn,
} from '@p2p-power/protocol/testing/world';
import { verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { beforeAll, expect, test } from 'vitest';
import { chargeOverCap, forgeMeterRecord, replayAuthorization } from './forgeEvidence.ts';

const [driverProvider, stationProvider] = [makeProvider('DEAAA'), makeProvider('DEBBB')];
const judge = (evidence: Evidence) =>
  verifyEvidence(evidence, trustIn(driverProvider, stationProvider), nodeCryptoVerifier(nodeCrypto));
let evidence: Evidence;
let station: Awaited<ReturnType<typeof makeStation>>;

beforeAll(async () => {
  station = await makeStation(stationProvider);
  evidence = await buildEvidence({ driverProvider, stationProvider, station });
});

test('a raised register is found by the meter’s own signature', async () => {
  expect(await judge(await forgeMeterRecord(evidence, station.key))).toMatchObject({
    refusal: 'bad-meter-signature',
  });
});

test('a charge above the cap is found by the driver’s bound', async () => {
  expect(await judge(await chargeOverCap(evidence, station.key))).toMatchObject({
    refusal: 'charge-over-bound',
  });
});

test('a replay is genuine by itself, of the same authorization, under another id', async () => {
  const replay = await replayAuthorization(evidence, station.key);
  const judged = await judge(replay);
  expect(judged.ok).toBe(true);
  expect(replay.cdr.value.authorizationId).toBe(evidence.cdr.value.authorizationId);
  expect(ChargeDetailRecord.id(networkId, replay.cdr.value)).not.toBe(
    ChargeDetailRecord.id(networkId, evidence.cdr.value),
  );
});
