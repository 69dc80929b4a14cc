import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Authorization } from '@p2p-power/protocol/Authorization';
import { type Hex, zeroHash } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { LinkAnswer } from '@p2p-power/protocol/LocalLink';
import {
  type ProvisionHead,
  type ProvisionUpdate,
  signProvisionUpdate,
} from '@p2p-power/protocol/ProvisionUpdate';
import { StopRequest } from '@p2p-power/protocol/StopRequest';
import {
  bytes32,
  makeDriver,
  makeProvider,
  networkId,
  plainTariff,
  type TestDriver,
  testKey,
} from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotEnrolled } from './enrol.ts';
import type { Provision } from './Provision.ts';
import { parseStationConfig } from './StationConfig.ts';
import { type RunningStation, runStation } from './stationProgram.ts';
import { connectLink, type LinkClient } from './testing/linkClient.ts';
import { type ProviderServer, startProviderServer } from './testing/providerServer.ts';
import { signAuthorization } from './testing/signAuthorization.ts';
import {
  expectGenuine,
  hourlyIndex,
  signTestSignal,
  signTrustList,
  testTerms,
  trusted,
} from './testing/stationWorld.ts';

const now = () => Math.floor(Date.now() / 1000);
const own = makeProvider('DEBBB');
const other = makeProvider('DEAAA');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let folder: string;
let provider: ProviderServer;
let driver: TestDriver;
let running: RunningStation | undefined;
let child: ChildProcess | undefined;
let phone: LinkClient | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'station-'));
  provider = await startProviderServer(own, {
    now,
    trust: { providers: [trusted(own), trusted(other)], revocations: [] },
    stranger: testKey('stranger'),
    staffToken: 'staff',
  });
  driver = await makeDriver(other, 'Anna', { notBefore: now() - 60, notAfter: now() + 3_600 });
});
afterEach(async () => {
  phone?.close();
  await running?.close();
  running = undefined;
  child?.kill('SIGKILL');
  await provider.close();
  rmSync(folder, { recursive: true });
});

const configJson = (changes: object = {}) => ({
  evseId: 'DE*BBB*EGARAGE1',
  listen: { host: '127.0.0.1', port: 0 },
  dataDir: folder,
  online: false,
  enrol: { providerUrl: provider.url, staffToken: 'staff' },
  simulated: { car: { batteryWh: 60_000, socWh: 20_000, maxPowerW: 11_000 }, speed: 300, plugged: true },
  logLevel: 'silent',
  ...changes,
});

async function start(changes: object = {}): Promise<RunningStation> {
  const config = parseStationConfig(configJson(changes));
  if (!config.ok) throw new Error(config.detail);
  running = await runStation(config.value);
  return running;
}

async function authorize(link: LinkClient, changes: Partial<Authorization> = {}): Promise<Hex> {
  const conditions = await link.ask({ type: 'hello', version: 1 });
  if (conditions.type !== 'conditions') throw new Error(JSON.stringify(conditions));
  const stated = {
    signedAt: now(),
    nonce: bytes32(String(Math.random())),
    maxEnergyWh: 20_000,
    ...changes,
  };
  const answer = await link.ask(await signAuthorization(conditions, driver, stated));
  if (answer.type !== 'started') throw new Error(JSON.stringify(answer));
  return answer.authorizationId;
}

async function until(
  link: LinkClient,
  authorizationId: Hex,
  isDone: (energyWh: number, state: string) => boolean,
) {
  // As long as it takes: the test's own time is the limit.
  for (;;) {
    const status = await link.ask({ type: 'status', authorizationId });
    if (status.type === 'session' && isDone(status.energyWh, status.state)) return status;
    await sleep(60);
  }
}

async function stop(link: LinkClient, authorizationId: Hex): Promise<LinkAnswer> {
  const request = await StopRequest.sign(networkId, { authorizationId, signedAt: now() }, driver.key);
  return link.ask({ type: 'stop', request });
}

async function genuineReceipt(link: LinkClient, authorizationId: Hex) {
  const receipt = await link.ask({ type: 'receipt', authorizationId });
  if (receipt.type !== 'receipt') throw new Error(JSON.stringify(receipt));
  await expectGenuine(receipt.evidence);
  return receipt.evidence;
}

const act = (url: string, body: object) =>
  fetch(`${url}/simulated`, { method: 'POST', body: JSON.stringify(body) }).then((response) =>
    response.json(),
  );

describe('the station program', () => {
  test('enrols itself once, keeps its keys to itself, and serves page, metrics and link', async () => {
    const first = await start();
    expect(provider.requests.enrol).toBe(1);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    const { url, linkUrl } = first;
    expect(await (await fetch(url)).json()).toMatchObject({
      evseId: 'DEBBBEGARAGE1',
      link: linkUrl,
      pilot: 'B',
    });
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain(linkUrl);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('p2p_power_station_unacknowledged 0\n');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
    await first.close();
    await start();
    expect(provider.requests.enrol).toBe(1);
  });

  test('charges quickly at true times, and hands in by itself when online', async () => {
    const { linkUrl } = await start({ online: true, providerUrl: provider.url });
    phone = await connectLink(linkUrl);
    const id = await authorize(phone, { maxEnergyWh: 3_000 });
    await until(phone, id, (_, state) => state === 'ended');
    const { cdr } = await genuineReceipt(phone, id);
    expect(cdr.value.endReason).toBe('energy-reached');
    expect(cdr.value.importedWh).toBeGreaterThan(2_850);
    expect(cdr.value.endedAt - cdr.value.startedAt).toBeLessThan(30);
    while (provider.records.size === 0) await sleep(100);
    expect([...provider.records.values()][0]?.cdr).toEqual(cdr);
  });

  test('changes over to a new tariff when no session runs, asking with its own key', async () => {
    await start();
    await running?.close();
    const { linkUrl } = await start({
      enrol: undefined,
      online: true,
      providerUrl: provider.url,
      options: { refreshProvisionS: 1 },
    });
    const link = await connectLink(linkUrl);
    phone = link;
    const tariffNow = async () => {
      const answer = await link.ask({ type: 'hello', version: 1 });
      return answer.type === 'conditions' ? answer.tariff.id : answer.type;
    };
    const id = await authorize(link);
    provider.setTariff({ ...plainTariff, id: 'dearer' });
    while (provider.requests.renew < 2) await sleep(100);
    expect(await tariffNow()).toBe('garage');
    await stop(link, id);
    while ((await tariffNow()) !== 'dearer') await sleep(50);
    expect((await genuineReceipt(link, id)).tariff.id).toBe('garage');
    expect(JSON.parse(readFileSync(join(folder, 'provision.json'), 'utf8')).tariff.id).toBe('dearer');
    expect(provider.requests.enrol).toBe(1);
  });

  test('without a way to its provider: a courier brings its new tariff and signals, which hold when no session runs', async () => {
    const { linkUrl } = await start();
    const link = await connectLink(linkUrl);
    phone = link;
    const kept = () => JSON.parse(readFileSync(join(folder, 'provision.json'), 'utf8')) as Provision;
    const first = kept();
    const update = async (tariffId: string, issuedAt: number, changes: Partial<ProvisionHead> = {}) => {
      const trust = { providers: [trusted(own), trusted(other)], revocations: [] };
      const trustList = await signTrustList(own, issuedAt, trust);
      const head = {
        providerId: own.providerId,
        issuerKeyId: own.issuerKeyId,
        stationKeyId: keyId(first.certificate.value.publicKey),
        issuedAt,
        ...changes,
      };
      // The same in two hours: the second may have begun when it is looked at.
      const index = hourlyIndex(issuedAt - (issuedAt % 3_600), 10, 10, 20);
      const signals = [await signTestSignal(own, index, issuedAt)];
      const dynamic = testTerms;
      const content = { ...first, tariff: { ...plainTariff, id: tariffId }, trustList, dynamic, signals };
      return signProvisionUpdate(networkId, head, content, own.key);
    };
    const bring = async (provision: ProvisionUpdate) => {
      const taken = await link.ask({ type: 'deliver', acknowledgements: [], provision });
      return taken.type === 'taken' ? (taken.provisionRefusal ?? 'taken') : taken.type;
    };
    const tariffNow = async () => {
      const answer = await link.ask({ type: 'hello', version: 1 });
      return answer.type === 'conditions' ? answer.tariff.id : answer.type;
    };
    const id = await authorize(link);
    expect(await bring(await update('foreign', now(), { stationKeyId: bytes32('another') }))).toBe(
      'wrong-station',
    );
    expect(await bring(await update('old', first.trustList.head.value.issuedAt))).toBe('not-newer');
    const forged = await update('forged', now());
    expect(await bring({ ...forged, contentJson: forged.contentJson.replace('forged', 'cheap') })).toBe(
      'content-mismatch',
    );
    const dearer = await update('dearer', now());
    expect(await bring(dearer)).toBe('taken');
    expect(await bring(await update('too late', now() - 5))).toBe('not-newer');
    expect(kept().tariff.id).toBe('dearer');
    expect(await tariffNow()).toBe('garage');
    await stop(link, id);
    while ((await tariffNow()) !== 'dearer') await sleep(50);
    expect((await genuineReceipt(link, id)).tariff.id).toBe('garage');
    const promised = await link.ask({ type: 'hello', version: 1 });
    expect(promised.type === 'conditions' && promised.prices?.pricesMicro[0]).toBe(100_000);
    expect(await bring(dearer)).toBe('not-newer');
    expect(provider.requests).toMatchObject({ enrol: 1, renew: 0, trustList: 0 });
  });

  test('takes the session up again after a power cut in the middle', async () => {
    const { url, linkUrl } = await start();
    phone = await connectLink(linkUrl);
    const id = await authorize(phone);
    await until(phone, id, (energyWh) => energyWh > 1_000);
    expect(await act(url, { action: 'power-cut' })).toMatchObject({ contactorClosed: false, powered: false });
    expect((await fetch(url)).status).toBe(503);
    expect(await phone.ask({ type: 'status', authorizationId: id })).toMatchObject({
      refusal: 'station-out-of-order',
    });
    const { energyWh } = await act(url, { action: 'power-return' }).then(() =>
      until(phone as LinkClient, id, () => true),
    );
    expect(energyWh).toBeGreaterThan(1_000);
    await until(phone, id, (later) => later > energyWh + 500);
    expect(await stop(phone, id)).toMatchObject({ state: 'ended' });
    await genuineReceipt(phone, id);
  });

  test('kill -9 in a charge: nothing is lost, and the next process goes on', async () => {
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify(configJson()));
    const first = await spawnStation(configFile);
    phone = await connectLink(first.linkUrl);
    const id = await authorize(phone);
    await until(phone, id, (energyWh) => energyWh > 1_000);
    first.process.kill('SIGKILL');
    await first.exited;
    const meterAt = () =>
      (JSON.parse(readFileSync(join(folder, 'meter.json'), 'utf8')) as { importWh: number }).importWh;
    expect(meterAt()).toBeGreaterThan(2_000);
    const second = await spawnStation(configFile);
    phone = await connectLink(second.linkUrl);
    const before = await until(phone, id, (_, state) => state === 'charging');
    await until(phone, id, (energyWh) => energyWh > before.energyWh + 500);
    await stop(phone, id);
    const { cdr, readings } = await genuineReceipt(phone, id);
    expect(cdr.value.importedWh).toBe(meterAt() - 1_000);
    expect(readings[0]?.importWh).toBe(1_000);
    second.process.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  test('asks for signals, promises prices by them, and shows them', async () => {
    provider.setDynamic(testTerms);
    // The same in two hours: the second may have begun when it is looked at.
    const hour = now() - (now() % 3_600);
    provider.setSignals([
      { not: 'a signal' },
      await signTestSignal(own, hourlyIndex(hour, 10, 10, 20), now() - 90),
    ]);
    const { url, linkUrl } = await start({
      online: true,
      providerUrl: provider.url,
      options: { refreshSignalsS: 1 },
    });
    phone = await connectLink(linkUrl);
    const price = async () => {
      const answer = await phone?.ask({ type: 'hello', version: 1 });
      return answer?.type === 'conditions' ? answer.prices : undefined;
    };
    while ((await price())?.pricesMicro.length === 0) await sleep(100);
    expect((await price())?.pricesMicro[0]).toBe(100_000);
    provider.setSignals([await signTestSignal(own, hourlyIndex(hour, 30, 30, 20), now() - 60)]);
    while ((await price())?.pricesMicro[0] === 100_000) await sleep(200);
    expect((await price())?.pricesMicro[0]).toBe(300_000);
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('0.30 per kWh before tax');
    expect(page).toMatch(/signal price DE-LU<\/th><td>1 min/);
    expect(await (await fetch(url)).json()).toMatchObject({
      price: { microPerKwh: 300_000, isFallback: false },
      signals: [{ kind: 'price', area: 'DE-LU' }],
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('price_signal_issued_at_seconds');
  });

  test('kill -9 while the car waits: the next process runs the plan that was shown', async () => {
    provider.setDynamic(testTerms);
    const hour = now() - (now() % 3_600);
    provider.setSignals([await signTestSignal(own, hourlyIndex(hour, 30, 29, 5, 30), now())]);
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify(configJson({ online: true, providerUrl: provider.url })));
    const first = await spawnStation(configFile);
    phone = await connectLink(first.linkUrl);
    const isPriced = async () => {
      const answer = await phone?.ask({ type: 'hello', version: 1 });
      return answer?.type === 'conditions' && answer.prices?.signalId !== zeroHash;
    };
    while (!(await isPriced())) await sleep(100);
    const id = await authorize(phone, { mode: 'cheapest', leaveAt: hour + 4 * 3_600, maxEnergyWh: 9_000 });
    const before = await until(phone, id, (_, state) => state === 'paused');
    expect(before.plan).toMatchObject([{ from: hour + 2 * 3_600 }]);
    first.process.kill('SIGKILL');
    await first.exited;
    // No way to any signal now: what was kept and journalled is all there is.
    await provider.close();
    const second = await spawnStation(configFile);
    phone = await connectLink(second.linkUrl);
    const after = await until(phone, id, (_, state) => state === 'paused');
    expect(after.plan).toEqual(before.plan);
    expect(after.planReason).toBe(before.planReason);
    const page = await (await fetch(second.url, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('<h2>Plan (UTC)</h2>');
    second.process.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  test('says what is missing where it cannot start', async () => {
    await expect(start({ enrol: undefined })).rejects.toThrow(NotEnrolled);
    await expect(start({ enrol: undefined })).rejects.toThrow(/publicKey +0x[0-9a-f]{128}/);
    await expect(start({ enrol: { providerUrl: provider.url, staffToken: 'wrong' } })).rejects.toThrow(
      /403.*staff token/,
    );
    expect(existsSync(join(folder, 'provision.json'))).toBe(false);
    const { url } = await start();
    const port = Number(new URL(url).port);
    const blocked = join(folder, 'another');
    await expect(start({ dataDir: blocked, listen: { host: '127.0.0.1', port } })).rejects.toThrow('in use');
    await expect(start()).rejects.toThrow('in use by another process');
  });

  test('the control of a simulated point refuses what it does not know', async () => {
    const { url } = await start();
    expect(await act(url, { action: 'explode' })).toMatchObject({ refusal: 'unknown-action' });
    expect(await act(url, { car: { wings: 2 } })).toMatchObject({ refusal: 'unsupported-field' });
    expect(await act(url, { action: 'unplug', car: { socWh: 5_000 } })).toMatchObject({
      pilot: 'A',
      socWh: 5_000,
    });
    expect(await (await fetch(`${url}/simulated`)).json()).toMatchObject({ plugged: false });
  });
});

test.each([
  [{ evseId: 'nonsense' }, 'evseId'],
  [{ listen: {} }, 'listen.port'],
  [{ port: 5 }, 'port is not known'],
  [{ simulated: undefined }, 'either simulated or driver'],
  [{ online: true }, 'providerUrl'],
  [{ simulated: { speed: 0 } }, 'simulated.speed'],
  [{ simulated: { car: { wheels: 4 } } }, 'wheels is not known'],
  [{ options: { tickMs: 'often' } }, 'options.tickMs'],
  [{ logLevel: 'loud' }, 'logLevel'],
  [{ driver: {}, simulated: undefined }, 'driver.module'],
])('a configuration is refused with the field that is wrong: %j', (changes, words) => {
  const parsed = parseStationConfig(JSON.parse(JSON.stringify(configJsonWithoutProvider(changes))));
  expect(parsed).toMatchObject({ ok: false, detail: expect.stringContaining(words) });
});

const configJsonWithoutProvider = (changes: object) => ({
  evseId: 'DEBBBEGARAGE1',
  listen: { port: 0 },
  dataDir: 'data',
  simulated: {},
  ...changes,
});

async function spawnStation(configFile: string) {
  const program = fileURLToPath(new URL('testing/stationProcess.ts', import.meta.url));
  const spawned = spawn(process.execPath, [program, configFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = spawned;
  const exited = new Promise<number | null>((resolve) => spawned.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: spawned.stdout }).once('line', resolve);
    spawned.once('exit', () => reject(new Error('the station process ended')));
  });
  return { ...(JSON.parse(line) as { url: string; linkUrl: string }), process: spawned, exited };
}
