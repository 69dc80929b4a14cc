import { accountSigner } from '@p2p-power/chain/accountSigner';
import { proposeAction } from '@p2p-power/chain/Consortium';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from './House.ts';
import { privacyBreaches } from './privacy.ts';
import { openWorld, type World } from './World.ts';

let house: House;
let world: World;
beforeAll(async () => {
  house = await openHouse();
  world = await openWorld(house, 1);
});
afterAll(async () => {
  await world?.close();
  await house?.close();
});

test('a person or a point that anybody puts on the chain is found', async () => {
  expect(await privacyBreaches(world)).toEqual([]);
  const provider = world.provider('DEAAA');
  const { rows } = await sql<{ evse_id: string }>`
    select evse_id from evse where provider_id = 'DEAAA' limit 1`.execute(provider.db);
  const evseId = rows[0]?.evse_id as string;
  const identity = house.identities.find(({ providerId }) => providerId === 'DEAAA');
  const planted = await proposeAction(
    world.chain,
    accountSigner(identity?.accountKey as Hex),
    { kind: 'set-issuance-limit', memberId: encodeMemberId('DEAAA'), limitMicro: 1n },
    `0x${Buffer.from(evseId).toString('hex').padEnd(64, '0')}`,
  );
  expect(planted.ok).toBe(true);
  expect(await privacyBreaches(world)).toContainEqual(
    expect.stringContaining(`privacy: EVSE-ID "${evseId}" stands in calldata`),
  );
});
