import { Authorization } from '@p2p-power/protocol/Authorization';
import { networkId, testKey } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
});
afterAll(() => world.close());

const handIn = async (...evidence: Parameters<MoneyWorld['seal']>[0]) =>
  (await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } })).body
    .results[0].outcomes;
const chargesOf = async (driver: string, of: 'a' | 'b' = 'b') =>
  (await world[of].call('GET', '/me/charges', { as: driver })).body;

test('a CDR that bills too much is refused by name, and its driver is told and pays nothing', async () => {
  const honest = await world.charge('honest', { driver: world.dora });
  const greedy = await world.charge('greedy', {
    driver: world.dora,
    cdr: { chargeMicro: honest.cdr.value.chargeMicro + 1_000_000 },
  });
  expect(await handIn(honest, greedy)).toMatchObject([
    { outcome: 'accepted' },
    { outcome: 'refused', refusal: 'charge-mismatch' },
  ]);
  const mine = await chargesOf('dora');
  expect(mine.charges).toHaveLength(1);
  expect(mine.refused).toMatchObject([
    {
      authorizationId: Authorization.id(networkId, greedy.authorization.value),
      evseId: world.garage.certificate.value.evseId.text,
      operatorProvider: 'DEBBB',
      chargeMicro: honest.cdr.value.chargeMicro + 1_000_000,
      importedWh: greedy.cdr.value.importedWh,
      currency: 'EUR',
      refusal: 'charge-mismatch',
    },
  ]);
  // To be checked by the driver's own app, which says the same.
  const cdrId = mine.refused[0].cdrId;
  const evidence = await world.b.call('GET', `/me/charges/${cdrId}/evidence`, { as: 'dora' });
  expect(evidence.body).toEqual(JSON.parse(JSON.stringify(greedy)));
  expect((await world.b.call('GET', `/me/charges/${cdrId}/evidence`, { as: 'emil' })).status).toBe(404);
  // On the bill is what the tariff asks, and nobody else sees what was refused.
  const statement = (await world.b.call('GET', '/me/statement', { as: 'dora' })).body;
  expect(statement.chargeMicro).toBe(honest.cdr.value.chargeMicro);
  expect((await chargesOf('emil')).refused).toEqual([]);
  const { endedAt } = greedy.cdr.value;
  const before = await world.b.call('GET', `/me/charges?to=${endedAt}`, { as: 'dora' });
  expect(before.body.refused).toEqual([]);
});

test('a peer that hands over too much is refused, and our driver sees that', async () => {
  const greedy = await world.charge('greedy peer', { cdr: { chargeMicro: 9_999_000 } });
  const { peerFetch } = await import('../peers/peerFetch.ts');
  const answer = await peerFetch(world.b.context, 'DEAAA', '/peer/evidence', {
    body: JSON.stringify({ evidence: [greedy] }),
  });
  expect(((await answer.json()) as { outcomes: object[] }).outcomes).toMatchObject([
    { refusal: 'charge-mismatch' },
  ]);
  expect((await chargesOf('anna', 'a')).refused).toMatchObject([{ refusal: 'charge-mismatch' }]);
});

test('what the driver never signed is not shown as theirs', async () => {
  const forged = await world.charge('forged', { driver: { ...world.dora, key: testKey('somebody') } });
  expect(await handIn(forged)).toMatchObject([{ refusal: 'bad-authorization-signature' }]);
  const { refused } = await chargesOf('dora');
  expect(refused.map((one: { refusal: string }) => one.refusal)).toEqual(['charge-mismatch']);
});
