import { setTimeout as delay } from 'node:timers/promises';
import { price } from '@p2p-power/tariff/price';
import { insist } from '../insist.ts';
import { printAmount, printEnergy, printHash } from '../printUnits.ts';
import { printFacts, printPrice } from '../verify/printVerdict.ts';
import type { Receipt } from './Phone.ts';
import { type Stage, waitFor } from './Stage.ts';

/** What Anna allows: 20 kWh, 15 euros. */
const bounds = { maxEnergyWh: 20_000, maxAmountMicro: 15_000_000 };

/** Chapter 1: Anna charges at the garage, the power is cut in the middle and returns, she has her receipt. */
export async function chargeInTheGarage(stage: Stage): Promise<Receipt> {
  const { page, anna, garage, network } = stage;
  page.section('1  Anna charges in the garage');
  page.line(
    `Anna is a customer of ${anna.network.name}. The garage belongs to Bert, under another provider,`,
  );
  page.line('and has no internet. At home she looked at the map:');
  const seen = insist(await anna.provider.point(garage.evseId, { energyWh: 20_000 }), 'GET /points');
  page.fact(seen.evseId, `${seen.name}, ${seen.address}`);
  page.fact('20 kWh would cost', printAmount(seen.priceMicro ?? 0, 'EUR'));

  page.line('In the garage her phone meets the station over the local link:');
  const met = insist(await anna.meet(garage.linkUrl, garage.evseId), 'meeting the station');
  page.check(true, `the station's certificate and its offer are genuine (offer ${printHash(met.offerId)})`);
  page.check(
    JSON.stringify(seen.tariff?.elements) === JSON.stringify(met.conditions.tariff.elements),
    'the offer is what the map had said',
  );
  const authorizationId = insist(await anna.agree(garage.linkUrl, met, bounds), 'the authorization');
  page.fact('authorization', printHash(authorizationId));
  page.fact('at most', `${printEnergy(bounds.maxEnergyWh)}, ${printAmount(bounds.maxAmountMicro, 'EUR')}`);

  const status = () => anna.status(garage.linkUrl, authorizationId);
  await waitFor('charging', status, ({ energyWh }) => energyWh > 2_000);
  page.line(
    'Power flows (so that nobody has to wait, the simulated car charges much faster than a real one).',
  );
  const station = network.stations.get(garage.evseId);
  if (station === undefined) throw new Error('the garage is not on the stage');
  const before = insist(await status(), 'the status');
  await station.cut();
  page.warn(
    `The power is cut at ${printEnergy(before.energyWh)}: kill -9 of the station, in the middle of the charge.`,
  );
  await delay(1_500);
  await station.restore();
  const after = insist(await status(), 'the status after the cut');
  page.check(
    after.authorizationId === authorizationId && after.energyWh >= before.energyWh,
    `power is back, and the journal knows the session: ${printEnergy(after.energyWh)}`,
  );
  await waitFor('charging on', status, ({ energyWh, state }) => energyWh > 6_000 || state === 'ended');
  insist(await anna.stop(garage.linkUrl, authorizationId), 'stopping');
  const receipt = await waitFor('the receipt', () => anna.receipt(garage.linkUrl, authorizationId));

  page.line('Anna stops, and has her receipt; her phone has checked it, offline:');
  printFacts(page, receipt.facts);
  printPrice(page, receipt.facts);
  const { facts, evidence } = receipt;
  const session = { timeZone: facts.timeZone, readings: evidence.readings };
  page.check(
    facts.chargeMicro === Math.min(price(met.conditions.tariff, session).inclVatMicro, bounds.maxAmountMicro),
    'the offer she signed, applied to the readings, gives the charge',
  );
  return receipt;
}
