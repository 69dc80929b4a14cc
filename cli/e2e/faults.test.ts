import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readBalance, readPosition, readSupply } from '@p2p-power/chain/ChargeToken';
import { readChannel } from '@p2p-power/chain/Clearing';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Segment } from '@p2p-power/protocol/Segment';
import { buildApp } from '@p2p-power/web/buildApp';
import { openBrowser } from '@p2p-power/web/testing/openBrowser';
import { en } from '@p2p-power/web/words/en';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insist } from '../insist.ts';
import { bringUpNetwork, type RunningNetwork } from '../network/bringUpNetwork.ts';
import { findFreePortBase } from '../network/checkPorts.ts';
import { type DataFolder, openDataFolder } from '../network/DataFolder.ts';
import {
  demoPassword,
  type PlannedStation,
  personOf,
  planNetwork,
  portCount,
  providerOf,
} from '../network/NetworkPlan.ts';
import { openPage } from '../Page.ts';
import { openPhone, type Phone, type Receipt } from '../story/Phone.ts';
import { staffOf, waitFor } from '../story/Stage.ts';
import { runCommand } from './runCommand.ts';

let path: string;
let folder: DataFolder;
let network: RunningNetwork;
let anna: Phone;
let cem: Phone;
let garage: PlannedStation;
const reports: string[] = [];
const receipts: Receipt[] = [];

beforeAll(async () => {
  path = mkdtempSync(join(tmpdir(), 'p2p-power-faults-'));
  chmodSync(path, 0o711);
  const portBase = await findFreePortBase(portCount);
  const plan = planNetwork(path, portBase);
  folder = openDataFolder({
    path,
    command: 'test',
    portBase,
    defaultPortBase: portBase,
    providerIds: plan.providers.map(({ providerId }) => providerId),
  });
  const { outDir: webDir } = await buildApp();
  network = await bringUpNetwork(plan, folder, openPage({ write: () => undefined }), {
    speed: 2_000,
    webDir,
    report: (words) => reports.push(words),
  });
  garage = plan.stations.find(({ online }) => !online) as PlannedStation;
  [anna, cem] = await Promise.all([openPhoneOf('Anna'), openPhoneOf('Cem')]);
}, 120_000);

afterAll(async () => {
  await network?.stop();
  folder?.release();
  rmSync(path, { recursive: true, force: true });
}, 60_000);

function openPhoneOf(name: string): Promise<Phone> {
  const person = personOf(network.plan, name);
  return openPhone({ ...person, password: demoPassword }, providerOf(network.plan, person.providerId).url);
}

/** One charge of Anna's at the garage, `during` called while power flows. */
async function charge(during?: () => Promise<void>): Promise<Receipt> {
  const met = insist(await anna.meet(garage.linkUrl, garage.evseId), 'meeting the station');
  const bounds = { maxEnergyWh: 8_000, maxAmountMicro: 10_000_000 };
  const id = insist(await anna.agree(garage.linkUrl, met, bounds), 'authorizing');
  const status = () => anna.status(garage.linkUrl, id);
  await waitFor('power', status, ({ energyWh }) => energyWh > 500);
  await during?.();
  await waitFor('the end', status, ({ energyWh, state }) => energyWh > 3_000 || state === 'ended');
  await anna.stop(garage.linkUrl, id);
  const receipt = await waitFor('the receipt', () => anna.receipt(garage.linkUrl, id));
  receipts.push(receipt);
  return receipt;
}

const charges = () => anna.provider.charges();

describe('a network that is hurt', () => {
  test('a station killed in the middle of a charge measures it once and whole', async () => {
    const station = network.stations.get(garage.evseId);
    const before = station?.pid;
    const receipt = await charge(async () => {
      await station?.cut();
      await delay(500);
      await station?.restore();
    });
    expect(station?.pid).not.toBe(before);
    expect(receipt.facts.importedWh).toBeGreaterThan(500);
    expect(receipt.evidence.readings.length).toBeGreaterThanOrEqual(2);
  });

  test('a provider killed in the middle of its intake loses and doubles nothing', async () => {
    for (let count = 0; count < 2; count += 1) await charge();
    const segments = insist(await cem.collect(garage.linkUrl), 'collecting');
    const provider = network.providers.get('DEBBB');
    const first = provider?.pid ?? 0;
    // Many couriers at once; the kill comes while they are being answered.
    const couriers = Array.from({ length: 30 }, () => cem.provider.handIn(segments));
    await delay(40);
    process.kill(first, 'SIGKILL');
    const answers = await Promise.all(couriers);
    expect(answers.some(({ ok }) => !ok)).toBe(true);
    await waitFor(
      'the provider’s return',
      () => cem.provider.provider(),
      () => true,
      60_000,
    );
    expect(provider?.pid).not.toBe(first);
    expect(reports.join('\n')).toContain('provider Bergstrom eG ended unexpectedly (SIGKILL)');

    const outcomes = await handInUntilTaken(segments);
    expect(outcomes.toSorted()).toEqual(receipts.map(({ facts }) => facts.cdrId).toSorted());
    const listed = await waitFor(
      'all charges at the driver’s provider',
      charges,
      (answer) => answer.charges.length >= receipts.length,
      60_000,
    );
    expect(listed.charges.map(({ cdrId }) => cdrId).toSorted()).toEqual(outcomes.toSorted());
    const owed = receipts.reduce((sum, { facts }) => sum + facts.chargeMicro, 0);
    const ledger = insist(await staffOf({ network }, 'DEAAA').ledger(), 'the ledger');
    const billed = ledger.accounts.find(({ kind }) => kind === 'driver');
    expect(billed?.balanceMicro).toBe(owed);
    for (const providerId of ['DEAAA', 'DEBBB'])
      expect(await staffOf({ network }, providerId).ledger()).toMatchObject({ value: { totalMicro: 0 } });
  });

  test('a chain that is killed and comes back settles the period once', async () => {
    const staff = staffOf({ network }, 'DEBBB');
    await network.chain.cut();
    const periodEnd = Math.floor(Date.now() / 1000) + 1;
    await staff.closePeriod({ periodEnd, peer: 'DEAAA' });
    await network.chain.restore();
    const { batches } = await waitFor(
      'settling',
      async () => {
        await staff.closePeriod({ periodEnd, peer: 'DEAAA' });
        return staff.batches();
      },
      (answer) => answer.batches.some(({ state }) => state === 'settled'),
      60_000,
    );
    const owed = receipts.reduce((sum, { facts }) => sum + facts.chargeMicro, 0);
    expect(batches.map(({ totalMicro }) => totalMicro)).toEqual([owed]);
    const client = network.chainClient;
    expect(await readSupply(client)).toBe(BigInt(owed));
    const { positionMicro } = await readPosition(client, encodeMemberId('DEAAA'));
    expect(positionMicro).toBe(BigInt(owed));
    const { sequence } = await readChannel(client, encodeMemberId('DEAAA'), encodeMemberId('DEBBB'));
    expect(sequence).toBe(1n);
    // Killed once more, it is still the same chain.
    await network.chain.cut();
    await network.chain.restore();
    expect(await readSupply(client)).toBe(BigInt(owed));
    expect(await readBalance(client, client.deployment.clearing)).toBeLessThanOrEqual(BigInt(owed));
  });

  test('after all that a driver charges through the app, at a station that hands in by itself', async () => {
    const hotel = network.plan.stations.find(({ name }) => name.startsWith('Hotel')) as PlannedStation;
    const { url } = providerOf(network.plan, 'DEAAA');
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      await page.goto(`${url}/#/me`);
      await page.getByRole('button', { name: en.me.signInWith('Stadtwerke Alster') }).click();
      await page.getByLabel('E-mail address').fill(personOf(network.plan, 'Anna').email);
      await page.getByLabel('Password').fill(demoPassword);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByTestId('certificate').waitFor();

      await page.goto(`${url}/#/points/${hotel.evseId}`);
      await page.getByRole('link', { name: en.point.unlock }).click();
      await page.getByText(en.unlock.genuine).waitFor();
      await page.getByRole('button', { name: en.unlock.go }).click();
      await page.getByRole('button', { name: en.live.stop }).waitFor();
      await page.getByTestId('live-energy').filter({ hasText: /[1-9]/ }).waitFor();
      await page.getByRole('button', { name: en.live.stop }).click();
      await page.getByText(en.receipt.verified).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: en.receipt.download }).click(),
      ]);
      const receiptFile = join(path, 'receipt.json');
      await download.saveAs(receiptFile);
      const verified = runCommand(['verify', receiptFile, '--data', path, '--json']);
      expect(await verified.ended(30_000)).toBe(0);
      const { facts } = JSON.parse(verified.output()) as { facts: { cdrId: Hex; evseId: string } };
      expect(facts.evseId).toBe(hotel.evseId);
      await waitFor('the charge on the bill', charges, (answer) =>
        answer.charges.some(({ cdrId }) => cdrId === facts.cdrId),
      );
    } finally {
      await browser.close();
    }
  }, 180_000);
});

/** Hands in until every record has an outcome; answers the ids of those that were taken. */
async function handInUntilTaken(segments: readonly Segment[]): Promise<readonly Hex[]> {
  const answer = await waitFor('hand-in', () => cem.provider.handIn(segments));
  const outcomes = answer.results.flatMap((result) => result.outcomes);
  expect(outcomes.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
  return outcomes.map(({ cdrId }) => cdrId);
}
