import { deployDayAheadShare, deployVolumeDiscount, postDayAheadPrices } from '@p2p-power/chain/PeeringTerms';
import { testAccount } from '@p2p-power/chain/testing/foundTestNetwork';
import type { Hex } from '@p2p-power/protocol/Hex';
import { dawn, day } from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type DisputeWorld, openDisputeWorld } from '../testing/disputeWorld.ts';
import { clearOnce } from './closePeriod.ts';
import { followChain } from './followChain.ts';

let world: DisputeWorld;
beforeEach(async () => {
  world = await openDisputeWorld({ terms: null });
});
afterEach(() => world.close());

async function agreeOn(termsContract: Hex) {
  const body = {
    peer: 'DEBBB',
    terms: {
      feeShareBp: 100,
      feeMicroPerKwh: 0,
      periodS: day,
      handInDeadlineS: 30 * day,
      graceS: day,
      objectionWindowS: 3 * day,
      creditLimitMicro: 1_000_000_000,
      termsContract: termsContract.toLowerCase(),
      validFrom: dawn,
    },
  };
  const proposed = await world.a.call('POST', '/admin/agreements', { as: 'staff', body });
  expect(proposed.status).toBe(200);
  const { agreementId } = proposed.body;
  expect(
    (await world.b.call('POST', `/admin/agreements/${agreementId}/accept`, { as: 'staff' })).status,
  ).toBe(200);
}

async function accept(...names: string[]) {
  const charges = await Promise.all(names.map((name) => world.charge(name)));
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
  await deliverEvidence(world.b.context);
  return charges.map((charge) => charge.cdr.value);
}

const close = async () =>
  (
    await world.b.call('POST', '/admin/periods/close', {
      as: 'staff',
      body: { periodEnd: world.clock.nowS(), peer: 'DEAAA' },
    })
  ).body.periods[0];

const sums = (cdrs: readonly { readonly chargeMicro: number; readonly importedWh: number }[]) => ({
  total: cdrs.reduce((sum, cdr) => sum + cdr.chargeMicro, 0),
  energyWh: cdrs.reduce((sum, cdr) => sum + cdr.importedWh, 0),
});
const shareOut = (fee: number, cdrs: readonly { readonly chargeMicro: number }[], total: number) =>
  cdrs.reduce((sum, cdr) => sum + Math.floor((fee * cdr.chargeMicro) / total), 0);

test('by a volume discount the fee of a batch is the share of the tier that its energy reaches', async () => {
  await agreeOn(
    await deployVolumeDiscount(world.client, testAccount('DEAAA'), [
      { fromWh: 0, feeShareBp: 300 },
      { fromWh: 20_000, feeShareBp: 150 },
    ]),
  );
  const cdrs = await accept('one', 'two', 'three');
  const { total, energyWh } = sums(cdrs);
  expect(energyWh).toBeGreaterThan(20_000);
  const fee = shareOut(Math.floor((total * 150) / 10_000), cdrs, total);
  expect((await close()).batch).toMatchObject({ state: 'settled', totalMicro: total, feeMicro: fee });
  await followChain(world.a.context, world.chains.a);
  expect(await world.chains.b.balanceMicro(world.chains.b.account)).toBe(BigInt(fee));
});

test('by a share of the day-ahead price both sides read the days from the chain; prices posted late make another batch', async () => {
  const publisher = testAccount('publisher');
  const terms = await deployDayAheadShare(world.client, testAccount('DEAAA'), {
    publisher: publisher.address,
    shareBp: 1_000,
    floorMicroPerKwh: 2_000,
    ceilingMicroPerKwh: 50_000,
  });
  await agreeOn(terms);
  const cdrs = await accept('one', 'two');
  const { total, energyWh } = sums(cdrs);
  // Built at the floor, because the day has no price yet; the debtor is away.
  world.wire = () => Promise.reject(new TypeError('away'));
  const floor = shareOut(Math.floor((energyWh * 2_000) / 1_000), cdrs, total);
  expect((await close()).batch).toMatchObject({ state: 'built', feeMicro: floor });
  // The price comes before it is back: 80 € a MWh, of which the fee is a tenth.
  const posted = await postDayAheadPrices(world.client, publisher, terms, {
    firstDay: Math.floor(dawn / day),
    microPerKwh: [80_000],
  });
  expect(posted).toMatchObject({ ok: true });
  world.wire = (request, deliver) => deliver(request);
  world.clock.advance(60);
  await clearOnce(world.b.context);
  const fee = shareOut(Math.floor((energyWh * 8_000) / 1_000), cdrs, total);
  expect((await close()).batch).toMatchObject({ state: 'settled', sequence: 1, feeMicro: fee });
  const { batches } = (await world.a.call('GET', '/admin/batches', { as: 'staff' })).body;
  expect(batches).toMatchObject([{ sequence: 1, feeMicro: fee }]);
});

test('a contract that nobody knows, or that is none, is taken at what Clearing says of it', async () => {
  await agreeOn(world.deployment.peering as Hex);
  const cdrs = await accept('one');
  const { total } = sums(cdrs);
  expect((await close()).batch).toMatchObject({
    state: 'settled',
    feeMicro: Math.floor((total * 100) / 10_000),
  });
});
