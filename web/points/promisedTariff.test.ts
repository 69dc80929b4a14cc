import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProviderClient } from '@p2p-power/provider/client/ProviderClient';
import { estimate } from '@p2p-power/tariff/price';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Link, webSocketLink } from '../charge/Link.ts';
import { energyTariff, openTestNetwork, type TestNetwork } from '../testing/openTestNetwork.ts';

/** Real providers and the real station program: what the map promises beside what the station asks, while tariffs change. */
let network: TestNetwork;
let link: Link;
const webDir = mkdtempSync(join(tmpdir(), 'p2p-power-no-app-'));
const charge = { energyWh: 20_000, powerW: 11_000 };

beforeAll(async () => {
  writeFileSync(join(webDir, 'index.html'), '<!doctype html>');
  network = await openTestNetwork({ webDir, online: true });
  link = webSocketLink(network.station.linkUrl);
});

afterAll(async () => {
  link?.close();
  await network?.close();
  rmSync(webDir, { recursive: true, force: true });
});

const costAt = (perKwh: number) => Math.round(20 * perKwh * 1.19 * 1_000_000);

async function promisedMicro(provider: ProviderClient): Promise<number> {
  const point = await provider.point(network.evseId, charge);
  if (!point.ok || point.value.priceMicro === undefined) throw new Error('the map names no price');
  return point.value.priceMicro;
}

async function askedMicro(): Promise<number> {
  const conditions = await link.ask({ type: 'hello', version: 1 }, 'conditions');
  if (!conditions.ok) throw new Error(conditions.refusal);
  const { tariff, offer } = conditions.value;
  const { timeZone, issuedAt } = offer.value;
  return estimate(tariff, { ...charge, timeZone, startAt: issuedAt, parkingS: 0 }).inclVatMicro;
}

/** Looks at map and station in turn until all say so; nowhere is more asked than was promised just before. */
async function untilAllSay(perKwh: number, maps: readonly ProviderClient[]): Promise<void> {
  for (let turn = 0; turn < 150; turn += 1) {
    const promised = await Promise.all(maps.map(promisedMicro));
    const asked = await askedMicro();
    expect(asked).toBeLessThanOrEqual(Math.min(...promised));
    if ([...promised, asked].every((micro) => micro === costAt(perKwh))) return;
    await delay(200);
  }
  throw new Error(`after 30 s not all say ${perKwh}`);
}

test('no map promises less than the station asks, before and after it has heard of a cheaper tariff', async () => {
  const { operatorProvider, driverProvider, evseId } = network;
  const maps = [operatorProvider, driverProvider];
  await untilAllSay(0.39, maps);
  expect(await operatorProvider.putTariff(evseId, energyTariff(0.29, 'cheaper'))).toMatchObject({ ok: true });
  // The station has not heard of it yet: what it asks is what is promised.
  expect(await promisedMicro(operatorProvider)).toBe(costAt(0.39));
  await untilAllSay(0.29, maps);
});

test('a dearer tariff is promised before the station has heard of it', async () => {
  const { operatorProvider, evseId } = network;
  expect(await operatorProvider.putTariff(evseId, energyTariff(0.49, 'dearer'))).toMatchObject({ ok: true });
  expect(await promisedMicro(operatorProvider)).toBe(costAt(0.49));
  await untilAllSay(0.49, [operatorProvider]);
});
