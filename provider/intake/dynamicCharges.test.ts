import * as crypto from 'node:crypto';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { parseEvidence } from '@p2p-power/protocol/parseEvidence';
import { networkId, plainTariff, testPrices, testTrust } from '@p2p-power/protocol/testing/world';
import { verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { price } from '@p2p-power/tariff/price';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
});
afterAll(() => world.close());

const cdrIdOf = (evidence: Evidence) => ChargeDetailRecord.id(networkId, evidence.cdr.value);

async function handIn(evidence: Evidence) {
  const { body } = await world.b.call('POST', '/hand-in', {
    body: { segments: [await world.seal([evidence])] },
  });
  return body.results[0].outcomes[0];
}

test('a charge at dynamic prices comes whole to both providers, driver and operator, and costs what was promised', async () => {
  const evidence = await world.charge('dynamic', { prices: testPrices });
  const { readings, offer } = evidence;
  const promised = price(plainTariff, { timeZone: offer.value.timeZone, readings, prices: testPrices });
  const byTariff = price(plainTariff, { timeZone: offer.value.timeZone, readings });
  expect(promised.inclVatMicro).toBeLessThan(byTariff.inclVatMicro);
  expect(await handIn(evidence)).toMatchObject({ outcome: 'accepted' });
  expect(await deliverEvidence(world.b.context)).toBe(1);

  const cdrId = cdrIdOf(evidence);
  const [mine] = (await world.a.call('GET', '/me/charges', { as: 'anna' })).body.charges;
  expect(mine).toMatchObject({ cdrId, chargeMicro: promised.inclVatMicro });
  const downloads = [
    (await world.a.call('GET', `/me/charges/${cdrId}/evidence`, { as: 'anna' })).body,
    (await world.b.call('GET', `/operator/charges/${cdrId}/evidence`, { as: 'bert' })).body.evidence,
  ];
  for (const download of downloads) {
    expect(download).toEqual(evidence);
    const read = parseEvidence(download);
    if (!read.ok) throw new Error(read.detail);
    expect(await verifyEvidence(read.value, testTrust, nodeCryptoVerifier(crypto))).toMatchObject({
      ok: true,
      value: { chargeMicro: promised.inclVatMicro, prices: testPrices },
    });
  }
  const statement = (await world.a.call('GET', '/me/statement', { as: 'anna' })).body;
  expect(statement.totalMicro).toBe(promised.inclVatMicro);
});

test('without its prices, or with others, it is refused by name and kept whole', async () => {
  const evidence = await world.charge('spoilt', { prices: testPrices });
  const { prices: _, ...without } = evidence;
  const dearer = { ...testPrices, pricesMicro: testPrices.pricesMicro.with(1, 389_000) };
  const plain = await world.charge('plain');
  for (const [spoilt, refusal] of [
    [without, 'unknown-prices'],
    [{ ...evidence, prices: dearer }, 'prices-mismatch'],
    [{ ...plain, prices: testPrices }, 'prices-mismatch'],
    [{ ...evidence, prices: { ...testPrices, pricesMicro: [-1] } }, 'bad-prices'],
    [
      await world.charge('over', { prices: { ...testPrices, otherwiseMicro: 390_001 } }),
      'prices-over-tariff',
    ],
  ] as const) {
    expect(await handIn(spoilt)).toMatchObject({ outcome: 'refused', refusal });
    const kept = await world.b.database.db
      .selectFrom('quarantine')
      .select('content')
      .where('refusal', '=', refusal)
      .execute();
    expect(kept.map(({ content }) => JSON.parse(content ?? 'null'))).toContainEqual(spoilt);
  }
});
