import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseEvidence } from '@p2p-power/protocol/parseEvidence';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { buildApp } from './buildApp.ts';
import { lookAt } from './testing/lookAt.ts';
import { openBrowser } from './testing/openBrowser.ts';
import { energyTariff, openTestNetwork, type TestNetwork } from './testing/openTestNetwork.ts';
import { endCharge, openPhone, signIn, textOn, untilCharged } from './testing/testPhone.ts';

/**
 * The whole charge through the app, in a real browser, at real servers and a real station program. The
 * tests are one story and run in order.
 */
let network: TestNetwork;
let browser: Browser;
let phone: BrowserContext;
let page: Page;
const faults: string[] = [];

/** Providers tell each other by and by. */
const patiently = { timeout: 60_000, interval: 200 };

const hof = { latitude: 52.5262, longitude: 13.3958 };

const phoneSettings: BrowserContextOptions = {
  geolocation: hof,
  permissions: ['geolocation'],
  hasTouch: true,
  isMobile: true,
  acceptDownloads: true,
};
const text = (id: string) => textOn(page, id);

async function stopAndReadReceipt(): Promise<void> {
  await untilCharged(page);
  await endCharge(page);
}

beforeAll(async () => {
  const { outDir } = await buildApp();
  [network, browser] = await Promise.all([openTestNetwork({ webDir: outDir }), openBrowser()]);
  phone = await openPhone(browser, faults, phoneSettings);
  page = await phone.newPage();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await network?.close();
}, 60_000);

describe('a driver finds a point', () => {
  test('the map is drawn without internet tiles, and near me the point has the price of my charge', async () => {
    await page.goto(network.appUrl);
    await page.locator('.canvas[data-ready=true]').waitFor();
    await page.getByRole('button', { name: 'In meiner Nähe' }).click();
    const row = page.locator(`[data-evse-id=${network.evseId}]`);
    await row.getByText('190 m').waitFor();
    expect((await row.textContent())?.replace(/\u00a0/g, ' ')).toContain('9,28 €');
    await row.getByText('frei').waitFor();
  });

  test('tiles that cannot be reached give way to the plain map', async () => {
    const context = await browser.newContext({ locale: 'de-DE', serviceWorkers: 'block' });
    const other = await context.newPage();
    const tiles = 'http://127.0.0.1:9/{z}/{x}/{y}.png';
    await other.route('**/app-config.json', (route) => route.fulfill({ json: { tiles } }));
    await other.goto(network.appUrl);
    await other.getByText('Die Kartenbilder sind nicht erreichbar, darum die einfache Karte.').waitFor();
    await other.locator('.canvas[data-ready=true]').waitFor();
    await context.close();
  });

  test('a search by street finds a place without asking anybody', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('combobox').fill('oranienburger');
    await page.getByRole('option').first().waitFor();
    expect(asked.filter((url) => /oranienburger/i.test(url))).toEqual([]);
    await page.getByRole('option').first().click();
    await page.getByRole('heading', { name: /^Bei Oranienburger/ }).waitFor();
  });

  test('the point’s page has tariff lines in the order of AFIR and the same price', async () => {
    await page.locator(`[data-evse-id=${network.evseId}]`).click();
    expect(await text('my-price')).toBe('9,28 €');
    const lines = await page.locator('.lines li').allTextContents();
    expect(lines.map((line) => line.replace(/\u00a0/g, ' '))).toEqual([
      expect.stringMatching(/^Energie0,4641 € je kWhinkl. 19 % MwSt.$/),
      expect.stringMatching(/^Standzeit ohne Laden0,0476 € je Minuteinkl. 19 % MwSt./),
    ]);
  });

  test('an unknown point is refused by name, not by a crash', async () => {
    await page.goto(`${network.appUrl}#/points/DEXXXENOWHERE`);
    await page.getByText('Grund: point-unknown').waitFor();
    await lookAt(page, 'point-unknown');
  });
});

describe('a driver signs in once', () => {
  test('with the own provider, and holds a certificate for a key that cannot be taken out', async () => {
    await page.goto(`${network.appUrl}#/charges`);
    await lookAt(page, 'charges-none');
    await page.goto(`${network.appUrl}#/me`);
    await lookAt(page, 'me-signed-out');
    await signIn(page, 'anna@example.com');
    expect(await text('signed-in')).toBe('Anna');
    await page.getByTestId('certificate').waitFor();
    await lookAt(page, 'me');
    const extractable = await page.evaluate(async () => {
      const opening = indexedDB.open('p2p-power');
      await new Promise((resolve) => opening.addEventListener('success', resolve));
      const store = opening.result.transaction('entries').objectStore('entries');
      const reading = store.getAll(IDBKeyRange.bound('key/', 'key/\uffff'));
      await new Promise((resolve) => reading.addEventListener('success', resolve));
      return (reading.result as CryptoKeyPair[]).map(({ privateKey }) => privateKey.extractable);
    });
    expect(extractable).toEqual([false]);
  });
});

describe('a charge', () => {
  test('from the offer to a receipt that the browser checked', async () => {
    await page.goto(`${network.appUrl}#/points/${network.evseId}`);
    await page.getByRole('link', { name: 'Freischalten' }).click();
    await page.getByText('Echte Ladesäule, geprüft').waitFor();
    expect(await text('offer-price')).toBe('9,28 €');
    expect(await page.getByText('Anders als angekündigt').count()).toBe(0);
    await page.getByRole('button', { name: 'Hier laden' }).click();
    await page.getByText('Lädt', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('Lädt', { exact: true }).waitFor();
    await stopAndReadReceipt();
    expect(await page.getByTestId('signatures').locator('li').count()).toBe(6);
    expect(await page.getByTestId('sums').locator('li').count()).toBe(2);
    expect(await text('price-lines')).toContain('Energie');
  });

  test('its receipt is a file that anyone can check', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Als Datei sichern' }).click(),
    ]);
    const evidence = parseEvidence(JSON.parse(readFileSync(await download.path(), 'utf8')));
    expect(evidence).toMatchObject({ ok: true, value: { cdr: { value: { endReason: 'driver-stopped' } } } });
  });

  test('is carried to the operator’s provider by this phone and comes onto the bill', async () => {
    await page.goto(`${network.appUrl}#/me`);
    await page.getByText('Ihr Telefon hat 1 versiegelten Beleg mitgenommen.').waitFor();
    await expect
      .poll(
        async () => {
          await page.goto(`${network.appUrl}#/me`);
          await page.goto(`${network.appUrl}#/charges`);
          await page.getByTestId('charges').waitFor();
          return text('charges');
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('auf der Rechnung');
    expect(await text('month-total')).toMatch(/^\d+,\d\d €$/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Als CSV' }).click(),
    ]);
    expect(
      readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\n').length,
    ).toBeGreaterThan(1);
  });
});

describe('without internet', () => {
  test('the app starts, unlocks and checks the receipt; the record follows when there is a way', async () => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await network.cutInternet();
    await page.goto(`${network.appUrl}#/`);
    await page.reload();
    await page.goto(`${network.appUrl}#/unlock/${network.evseId}`);
    await page.getByText('Kein Internet.').waitFor();
    await page.getByRole('button', { name: 'Hier laden' }).click();
    await stopAndReadReceipt();
    expect(await page.getByTestId('signatures').locator('li').count()).toBe(6);
    await page.goto(`${network.appUrl}#/me`);
    await page.getByText('1 wartet auf Internet.').waitFor();

    await network.restoreInternet();
    await page.reload();
    await page.getByText('Ihr Telefon hat 2 versiegelte Belege mitgenommen.').waitFor();
    await page.getByTestId('signed-in').waitFor();
  });
});

describe('what is not as it should be', () => {
  const put = async (perKwh: number, id: string) =>
    expect((await network.operatorProvider.putTariff(network.evseId, energyTariff(perKwh, id))).ok).toBe(
      true,
    );
  const promised = async (provider: TestNetwork['driverProvider']) => {
    const point = await provider.point(network.evseId, { energyWh: 20_000, powerW: 11_000 });
    return point.ok && point.value.priceMicro;
  };

  test('a cheaper tariff that the station has not heard of is not on the map yet', async () => {
    await put(0.29, 'cheaper');
    expect(await promised(network.operatorProvider)).toBe(9_282_000);
    await page.goto(`${network.appUrl}#/points/${network.evseId}`);
    await expect.poll(() => text('my-price'), patiently).toBe('9,28 €');
    await page.getByRole('link', { name: 'Freischalten' }).click();
    await page.getByText('Echte Ladesäule, geprüft').waitFor();
    expect(await page.getByText('Anders als angekündigt').count()).toBe(0);
  });

  test('an offer that differs from what the provider had said is told with both values', async () => {
    await put(0.49, 'dearer');
    await expect.poll(() => promised(network.driverProvider), patiently).toBe(11_662_000);
    await page.goto(`${network.appUrl}#/`);
    await page.goto(`${network.appUrl}#/points/${network.evseId}`);
    await expect.poll(() => text('my-price'), patiently).toBe('11,66 €');
    await page.getByRole('link', { name: 'Freischalten' }).click();
    await page.getByText('Anders als angekündigt').waitFor();
    expect([await text('announced'), await text('offered')]).toEqual(['11,66 €', '9,28 €']);
    await lookAt(page, 'unlock-differs');
    await page.getByText('Die Säule nennt einen anderen Tarif als die Karte.').waitFor();
    const go = page.getByRole('button', { name: 'Hier laden' });
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel('Ich habe es gesehen und bin einverstanden').check();
    expect(await go.isEnabled()).toBe(true);
  });

  test.each([
    [
      'nonsense',
      (id: number) => JSON.stringify({ id, message: { type: 'conditions', offer: 7 } }),
      'malformed-answer',
    ],
    [
      'a refusal',
      (id: number) =>
        JSON.stringify({
          id,
          message: { type: 'refused', refusal: 'station-out-of-order', words: 'Out of order.' },
        }),
      'station-out-of-order',
    ],
  ])('a station that answers %s is told by name', async (_name, answer, refusal) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(answer(JSON.parse(String(data)).id))),
    );
    await page.goto(`${network.appUrl}#/charge`);
    await page
      .getByLabel('Adresse der Ladesäule')
      .fill(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    await page.getByRole('button', { name: 'Verbinden' }).click();
    await page.getByText(`Grund: ${refusal}`).waitFor();
    await lookAt(page, `charge-${refusal}`);
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });

  test('a station that is another point than the chosen one is told by name', async () => {
    const link = encodeURIComponent(network.station.linkUrl);
    await page.goto(`${network.appUrl}#/unlock/DEBBBEOTHER?link=${link}`);
    await page.getByText('Grund: another-point').waitFor();
  });

  test('a receipt that somebody changed is not believed, and the check that failed is named', async () => {
    await page.goto(`${network.appUrl}#/charges`);
    await page.getByTestId('charges').getByRole('link').first().waitFor();
    const authorizationId = await page.evaluate(async () => {
      const opening = indexedDB.open('p2p-power');
      await new Promise((resolve) => opening.addEventListener('success', resolve));
      const store = opening.result.transaction('entries', 'readwrite').objectStore('entries');
      const reading = store.getAll(IDBKeyRange.bound('charge/', 'charge/\uffff'));
      await new Promise((resolve) => reading.addEventListener('success', resolve));
      const [record] = reading.result;
      record.evidence.cdr.value.chargeMicro -= 1;
      const writing = store.put(record, `charge/${record.authorizationId}`);
      await new Promise((resolve) => writing.addEventListener('success', resolve));
      return record.authorizationId as string;
    });
    await page.reload();
    await page.goto(`${network.appUrl}#/receipts/${authorizationId}`);
    await page.getByText('Dieser Beleg hält der Prüfung nicht stand').waitFor();
    await page.getByText('Grund: bad-cdr-signature').waitFor();
    await lookAt(page, 'receipt-changed');
    expect(await page.getByTestId('signatures').count()).toBe(0);
  });

  test('a page that cannot be drawn says so, reloads once and not for ever, and the others still work', async () => {
    const context = await browser.newContext({ locale: 'de-DE', serviceWorkers: 'block' });
    context.setDefaultTimeout(60_000);
    const other = await context.newPage();
    let loads = 0;
    other.on('load', () => {
      loads += 1;
    });
    await other.route('**/assets/OperatorPage-*.js', (route) => route.abort());
    await other.goto(`${network.appUrl}#/operator`);
    await expect.poll(() => loads, patiently).toBe(2);
    await other.getByTestId('fault').getByText('Diese Seite ist abgestürzt.').waitFor();
    await other.waitForTimeout(500);
    expect(loads).toBe(2);
    await lookAt(other, 'fault');
    await other.getByRole('link', { name: 'Ich', exact: true }).click();
    await other.getByRole('button', { name: /anmelden$/i }).waitFor();
    expect(await other.getByTestId('fault').count()).toBe(0);
    await context.close();
  });

  test('nothing broke on the way', () => {
    expect(faults).toEqual([]);
  });
});

describe('an operator', () => {
  test('sees points, charges and money at the own provider', async () => {
    const office = await openPhone(browser, faults, phoneSettings);
    page = await office.newPage();
    await page.goto(`${network.operatorAppUrl}#/me`);
    await signIn(page, 'bert@example.com');
    await page.getByRole('link', { name: 'Seite für Betreiber' }).click();
    await page.getByText('Tiefgarage Hof 3').waitFor();
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.getByTestId('operator-charges').waitFor();
          return (await text('operator-charges')).match(/angenommen/g)?.length;
        },
        { timeout: 60_000 },
      )
      .toBe(2);
    expect(await text('operator-earned')).not.toBe('0,00 €');
    // No chain in this network: nothing to claim, nothing to redeem, and the page says why.
    expect(await text('operator-tokens')).toBe('–');
    expect(await page.getByRole('button', { name: 'Abholen' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Auszahlen' }).isDisabled()).toBe(true);
    await page.getByText('Noch kein Konto').waitFor();
    await page.getByLabel('Kontoinhaber').fill('Bert Möller');
    await page.getByLabel('IBAN').fill('NL91 ABNA 0417 1643 01');
    await page.getByRole('button', { name: 'Konto speichern' }).click();
    await page.getByText('Grund: iban-invalid').waitFor();
    await page.getByText('Das ist keine IBAN, an die überwiesen werden kann.').waitFor();
    await page.getByLabel('IBAN').fill('NL91 ABNA 0417 1643 00');
    await page.getByRole('button', { name: 'Konto speichern' }).click();
    await page.getByText('Konto gespeichert.').waitFor();
    await expect.poll(() => text('bank-account')).toBe('Konto, das auf 4300 endet');
    await lookAt(page, 'operator-paid');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Abrechnung als CSV' }).click(),
    ]);
    const [head, ...rows] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(head).toContain(';');
    expect(rows.length).toBeGreaterThanOrEqual(2);
    await office.close();
  });

  test('who is none is told so', async () => {
    page = await phone.newPage();
    await page.goto(`${network.appUrl}#/operator`);
    await page.getByText('Grund: not-an-operator').waitFor();
    await lookAt(page, 'operator-none');
  });
});
