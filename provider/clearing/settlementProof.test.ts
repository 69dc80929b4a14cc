import { isChargeSettled } from '@p2p-power/chain/Clearing';
import { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { parseSettlementProof, type SettlementProof } from '@p2p-power/protocol/SettlementProof';
import { networkId, steadyReadings } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';
import type { TestProvider } from '../testing/testProvider.ts';
import { followChain } from './followChain.ts';

let world: ChainWorld;
let charges: Evidence[];
const idOf = (evidence: Evidence) => Authorization.id(networkId, evidence.authorization.value);

beforeAll(async () => {
  world = await openChainWorld();
  const givesBack = { readings: steadyReadings(1_780_272_061, 3_600, 2_000, 9_000) };
  charges = [await world.charge('one'), await world.charge('two'), await world.charge('three', givesBack)];
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
  await deliverEvidence(world.b.context);
});
afterAll(() => world.close());

const ask = (provider: TestProvider, evidence: Evidence) =>
  provider.call('GET', `/settlements/${idOf(evidence)}`);

test('a charge that no batch holds yet is not settled, and a malformed id is none', async () => {
  const answer = await ask(world.b, charges[0] as Evidence);
  expect(answer).toMatchObject({ status: 404, body: { refusal: 'not-settled' } });
  expect(await world.b.call('GET', '/settlements/0x12')).toMatchObject({ status: 400 });
});

test('both providers answer the same proof, which the chain believes and which names nobody', async () => {
  const body = { periodEnd: world.clock.nowS() };
  for (const provider of [world.b, world.a])
    await provider.call('POST', '/admin/periods/close', { as: 'staff', body });
  for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);

  for (const evidence of charges) {
    const answers = await Promise.all([ask(world.a, evidence), ask(world.b, evidence)]);
    expect(answers[0].body).toEqual(answers[1].body);
    const settlements = answers[0].body.settlements as SettlementProof[];
    const { chargeMicro, creditMicro } = evidence.cdr.value;
    expect(settlements.map(({ side, amountMicro }) => [side, amountMicro])).toEqual(
      creditMicro > 0
        ? [
            ['charge', chargeMicro],
            ['credit', creditMicro],
          ]
        : [['charge', chargeMicro]],
    );
    for (const settlement of settlements) {
      const parsed = parseSettlementProof(settlement);
      if (!parsed.ok) throw new Error(parsed.detail);
      const { channelId, sequence, authorizationId, cdrId, amountMicro, proof } = parsed.value;
      expect(
        await isChargeSettled(world.network.client, {
          channelId,
          sequence: BigInt(sequence),
          authorizationId,
          cdrId,
          chargeMicro: BigInt(amountMicro),
          proof,
        }),
      ).toBe(true);
    }
    expect(settlements[0]).toMatchObject({ payee: bertsAccount, debtor: 'DEAAA', creditor: 'DEBBB' });
    expect(settlements[0]?.feeMicro).toBeGreaterThan(0);
    const text = JSON.stringify(settlements);
    expect(text).not.toContain(evidence.driverCertificate.value.emaid.text);
    expect(text).not.toContain(evidence.stationCertificate.value.evseId.text);
  }
});
