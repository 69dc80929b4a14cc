import crypto from 'node:crypto';
import type { LinkRequest } from '@p2p-power/protocol/LocalLink';
import { makeProvider, trustIn } from '@p2p-power/protocol/testing/world';
import { verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { makeStationWorld, type StationWorld } from '@p2p-power/station/testing/stationWorld';
import { accept, refuse } from '@p2p-power/tariff/Result';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../store/Store.ts';
import {
  type ChargeRecord,
  chargeById,
  isOpen,
  listCharges,
  saveCharge,
  signAuthorization,
} from './ChargeRecord.ts';
import { type CheckedConditions, checkConditions } from './checkConditions.ts';
import { askToStart, lookAtCharge, stopCharge } from './followCharge.ts';
import type { Link } from './Link.ts';

const verifier = webCryptoVerifier(crypto.webcrypto.subtle as SubtleCrypto);
const trust = trustIn(makeProvider('DEAAA'), makeProvider('DEBBB'));
let world: StationWorld;
let link: Link;
let isCut = false;
let checked: CheckedConditions;

beforeEach(async () => {
  isCut = false;
  world = await makeStationWorld();
  link = {
    url: 'ws://station/link',
    close: () => undefined,
    async ask(request: LinkRequest, expected) {
      if (isCut) return refuse('no-connection', '');
      const answer = await world.ask(request);
      if (answer.type === 'refused') return refuse(answer.refusal, answer.words);
      return answer.type === expected ? accept(answer as never) : refuse('malformed-answer', answer.type);
    },
  };
  const hello = await link.ask({ type: 'hello', version: 1 }, 'conditions');
  if (!hello.ok) throw new Error(hello.refusal);
  const good = await checkConditions(hello.value, trust, verifier, world.clock.nowS());
  if (!good.ok) throw new Error(good.refusal);
  checked = good.value;
});

async function asked(maxEnergyWh = 5_000): Promise<ChargeRecord> {
  const { certificate, certificateId, key } = world.driver;
  const now = world.clock.nowS();
  const signed = await signAuthorization(
    checked,
    certificate,
    certificateId,
    key,
    {
      maxEnergyWh,
      maxAmountMicro: 1_000_000_000_000,
      mode: 'immediate',
      leaveAt: 0,
      mayDischarge: false,
      reserveWh: 0,
      targetWh: 0,
    },
    now,
    crypto.randomBytes(32),
  );
  return {
    ...signed,
    networkId: checked.conditions.networkId,
    driverCertificate: certificate,
    evseId: checked.evseId,
    pointName: 'Garage',
    address: '',
    linkUrl: link.url,
    currency: 'EUR',
    maxPowerW: 11_000,
    signedAt: now,
    state: 'asked',
    samples: [],
  };
}

const lookOn = async (record: ChargeRecord): Promise<ChargeRecord> =>
  (await lookAtCharge(link, record)).record;

describe('a charge as the phone follows it', () => {
  test('bounds are never wider than the certificate', async () => {
    const { authorization } = await asked(1_000_000_000);
    expect(authorization.value.maxEnergyWh).toBe(world.driver.certificate.value.maxEnergyWh);
    expect(authorization.value.maxAmountMicro).toBe(world.driver.certificate.value.maxAmountMicro);
  });

  test('from the signed yes to a receipt that stands up to the check', async () => {
    let record = (await askToStart(link, await asked())).record;
    expect(record.state).toBe('running');
    for (let minute = 0; minute < 10; minute += 1) {
      await world.run(60);
      record = await lookOn(record);
    }
    expect(record.status).toMatchObject({ state: 'charging' });
    expect(record.samples.length).toBeGreaterThan(5);
    expect(record.samples.at(-1)?.energyWh).toBeGreaterThan(1_000);
    const stopped = await stopCharge(link, record, world.driver.key, world.clock.nowS());
    if (!stopped.ok) throw new Error(stopped.refusal);
    await world.run(5);
    record = await lookOn(stopped.value);
    expect(isOpen(record)).toBe(false);
    if (record.evidence === undefined) throw new Error('no receipt');
    expect((await verifyEvidence(record.evidence, trust, verifier)).ok).toBe(true);
    expect(record.evidence.cdr.value.endReason).toBe('driver-stopped');
  });

  test('a message lost on the way is made up for by asking again', async () => {
    const record = await asked();
    isCut = true;
    expect(await askToStart(link, record)).toEqual({ record, isReached: false });
    isCut = false;
    const looked = await lookAtCharge(link, record);
    expect(looked).toMatchObject({ isReached: true, record: { state: 'running' } });
    // The answer was lost: the station knows the charge, the phone does not know that.
    expect(await lookAtCharge(link, record)).toMatchObject({ record: { state: 'running' } });
  });

  test('a broken connection leaves the record as it is', async () => {
    const { record } = await askToStart(link, await asked());
    isCut = true;
    expect(await lookAtCharge(link, record)).toEqual({ record, isReached: false });
    expect(await stopCharge(link, record, world.driver.key, world.clock.nowS())).toMatchObject({
      refusal: 'no-connection',
    });
  });

  test('only who began it ends it', async () => {
    const { record } = await askToStart(link, await asked());
    expect(await stopCharge(link, record, makeProvider('DEXXX').key, world.clock.nowS())).toMatchObject({
      refusal: 'bad-stop-signature',
    });
  });

  test('a refusal ends it by name, and it is open no more', async () => {
    await askToStart(link, await asked());
    const { record } = await askToStart(link, await asked());
    expect(record).toMatchObject({
      state: 'refused',
      refusal: { refusal: expect.stringMatching(/^[a-z-]+$/) },
    });
    expect(isOpen(record)).toBe(false);
  });
});

test('records are kept, listed the latest first, and found by their authorization', async () => {
  const store = memoryStore();
  const one = await asked();
  const two = { ...(await asked()), signedAt: one.signedAt + 1 };
  await saveCharge(store, one);
  await saveCharge(store, two);
  expect((await listCharges(store)).map(({ authorizationId }) => authorizationId)).toEqual([
    two.authorizationId,
    one.authorizationId,
  ]);
  expect(await chargeById(store, one.authorizationId)).toEqual(one);
});
