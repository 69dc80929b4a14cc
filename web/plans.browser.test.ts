import type { Reading } from '@p2p-power/protocol/Readings';
import { buildEvidence, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from './buildApp.ts';
import type { ChargeRecord } from './charge/ChargeRecord.ts';
import { lookAt } from './testing/lookAt.ts';
import { openBrowser } from './testing/openBrowser.ts';
import { marketTariff, marketTerms, openTestNetwork, type TestNetwork } from './testing/openTestNetwork.ts';
import { endCharge, openPhone, signIn, textOn, untilCharged } from './testing/testPhone.ts';

/**
 * Wishes, plans and prices by the quarter-hour through the app, in a real browser, at real servers and a real station
 * program. The tests are one story and run in order.
 */
let network: TestNetwork;
let browser: Browser;
let page: Page;
const faults: string[] = [];

/** Dear for three hours, cheap for three, then in between: a plan waits. */
const eurPerMwh = Array.from({ length: 60 }, (_, quarter) => {
  const hour = Math.floor(quarter / 4);
  const level = hour < 3 ? 280 : hour < 6 ? 40 : 160;
  return level + (hour % 3) * 12;
});
/** Cleanest after seven hours: green times are others than cheap ones. */
const gramsPerKwh = Array.from({ length: 60 }, (_, quarter) => (quarter >= 26 && quarter < 36 ? 90 : 420));

const text = (id: string) => textOn(page, id);
/** `7,40 €` in cents. */
const cents = async (id: string) => Number((await text(id)).replace(/[^\d]/g, ''));
/** The zone of this device, where it is about ten in the evening: the usual departure is a night away whenever this runs. */
const timeZone = (() => {
  const ahead = (22 - new Date().getUTCHours() + 24) % 24;
  if (ahead === 0) return 'Etc/UTC';
  // Signs of these names are turned round: Etc/GMT-1 is an hour ahead of UTC.
  return ahead <= 12 ? `Etc/GMT-${ahead}` : `Etc/GMT+${24 - ahead}`;
})();
const timeOfDay = (atMs: number) =>
  new Intl.DateTimeFormat('de-DE', { timeStyle: 'short', timeZone }).format(atMs);
const inHours = (hours: number) => timeOfDay(Date.now() + hours * 3_600_000);
/** `22:53` in minutes, far from all others where there is none. */
const minutesOf = (told = '') => {
  const [hours = Number.NaN, minutes = Number.NaN] = told.split(':').map(Number);
  return hours * 60 + minutes;
};
const unlock = async () => {
  await page.goto(`${network.appUrl}#/`);
  await page.goto(`${network.appUrl}#/unlock/${network.evseId}`);
  await page.getByText('Echte Ladesäule, geprüft').waitFor();
};
const chargeForAMoment = async () => {
  await page.getByRole('button', { name: 'Hier laden' }).click();
  await untilCharged(page);
  await endCharge(page);
};
const choose = (name: string) => page.getByRole('radio', { name, exact: true }).check({ force: true });

beforeAll(async () => {
  const { outDir } = await buildApp();
  [network, browser] = await Promise.all([
    openTestNetwork({
      webDir: outDir,
      market: {
        eurPerMwh,
        gramsPerKwh,
        terms: marketTerms,
        tariff: marketTariff,
        feedInMicroPerKwh: 420_000,
      },
      speed: 60,
      billing: { energyMicroPerKwh: 180_000, gridMicroPerKwh: 90_000, leviesMicroPerKwh: 30_000 },
    }),
    openBrowser(),
  ]);
  const context = await openPhone(browser, faults, {
    timezoneId: timeZone,
    geolocation: { latitude: 52.5262, longitude: 13.3958 },
    permissions: ['geolocation'],
    serviceWorkers: 'block',
  });
  page = await context.newPage();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await network?.close();
}, 60_000);

describe('a point whose price follows the market', () => {
  test('says so in the list, with the price of my charge now', async () => {
    await page.goto(network.operatorAppUrl);
    await page.getByRole('button', { name: 'In meiner Nähe' }).click();
    const row = page.locator(`[data-evse-id=${network.evseId}]`);
    await row.getByText('frei').waitFor();
    expect(await row.textContent()).toContain('dynamisch');
    expect(await row.locator('.mini-columns rect').count()).toBe(48);
    await lookAt(page, 'list');
  });

  test('shows its price now, the hours to come and the most it ever asks', async () => {
    // The driver's own provider knows no prices by the quarter-hour of another's points: those are asked there.
    await page.goto(`${network.appUrl}#/points/${network.evseId}`);
    await page.getByTestId('price-chart').waitFor();
    // 0.28 to 0.298 of the market and 0.12 on top, with 19 % tax.
    expect(await text('kwh-now')).toMatch(/^0,4(76|8|9)\d* €$/);
    expect(await text('dynamic-prices')).toContain('garantiert höchstens 0,595 € je kWh');
    expect(await text('dynamic-prices')).toContain('Am günstigsten 0,1904 € um');
    await page.getByText('Als Tabelle').click();
    expect(await page.getByTestId('price-chart').getByRole('row').count()).toBe(16);
    await lookAt(page, 'point');
  });
});

describe('wishes and their plan', () => {
  test('a driver signs in', async () => {
    await page.goto(`${network.appUrl}#/me`);
    await signIn(page, 'anna@example.com');
  });

  test('as cheap as possible: the plan waits, says what it costs, when it is ready and what it saves', async () => {
    await unlock();
    expect(await page.getByTestId('plan').count()).toBe(0);
    await lookAt(page, 'unlock');
    expect(await text('cheaper')).toMatch(/^Günstig bis \d\d:\d\d spart \d+,\d\d €$/);
    await page.getByTestId('cheaper').click();
    expect(await page.getByRole('radio', { name: 'Günstig' }).isChecked()).toBe(true);
    await page.getByLabel('Ich fahre weiter um').fill(inHours(9));
    await page.getByLabel('Energie in kWh').fill('22');
    await page.getByTestId('plan-chart').waitFor();
    const saved = await cents('plan-saves');
    const cost = await cents('plan-cost');
    // 22 kWh at about 0.40 against about 0.16, before tax.
    expect(saved).toBeGreaterThan(450);
    expect(cost).toBeGreaterThan(350);
    expect(cost).toBeLessThan(500);
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    const rows = await page.getByTestId('plan-chart').getByRole('row').allTextContents();
    expect(rows[0]).toContain('Ladeleistung');
    expect(rows.some((row) => row.includes('11 kW') && /0,\d+/.test(row))).toBe(true);
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    await lookAt(page, 'plan-cheapest');
  });

  test('as green as possible: other hours, and the CO2 that they save', async () => {
    await choose('Grün');
    await expect.poll(() => page.getByTestId('plan-carbon').count()).toBe(1);
    expect(await text('plan-carbon')).toMatch(/^[\d,]+ kg CO₂ weniger als sofort$/);
    await lookAt(page, 'plan-greenest');
  });

  test('a departure that is too early is told, with what will be in the car', async () => {
    await choose('Günstig');
    await page.getByLabel('Ich fahre weiter um').fill(inHours(0.5));
    await page
      .getByText('Bis zur Abfahrt reicht die Zeit nicht für 22 kWh. Darum wird sofort geladen.')
      .waitFor();
    expect(await text('plan')).toMatch(/Bis dahin sind etwa [45],\d+ kWh im Auto/);
    expect(await text('plan-ready')).toBe('–');
    expect(await cents('plan-cost')).toBeLessThan(300);
    expect(await page.getByTestId('plan-saves').count()).toBe(0);
    await lookAt(page, 'plan-too-soon');
  });

  test('by money instead of energy', async () => {
    await page.getByLabel('Ich fahre weiter um').fill(inHours(9));
    await choose('€');
    await page.getByLabel('Betrag in €').fill('3');
    await page.getByText(/Der Betrag reicht für etwa 1[3-6],\d kWh/).waitFor();
    expect(await cents('plan-cost')).toBeLessThanOrEqual(300);
    await page.getByLabel('Betrag in €').fill('');
    expect(await page.getByRole('button', { name: 'Hier laden' }).isDisabled()).toBe(true);
    await choose('kWh');
  });
});

describe('the plan that was shown is the one that runs', () => {
  test('the station waits until the hour that was shown, and says why', async () => {
    const ready = await text('plan-ready');
    await page.getByRole('button', { name: 'Hier laden' }).click();
    await page.getByTestId('running-plan').waitFor();
    await page.getByText('Pause', { exact: true }).waitFor();
    const start = /Lädt ab (\d\d:\d\d)/.exec(await text('next-step'));
    expect(start).not.toBeNull();
    const span = page.getByTestId('plan-chart').locator('.unseen').first();
    expect(await span.textContent()).toContain(start?.[1]);
    expect(await text('price-now')).toMatch(/0,4\d+ € je kWh/);
    await page.getByText('die Säule wartet auf günstigere Stunden').waitFor();
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    const rows = await page.getByTestId('plan-chart').getByRole('row').allTextContents();
    const charged = rows.filter((row) => row.includes('11 kW'));
    expect(charged[0]).toContain(`${start?.[1]}–`);
    expect(charged.at(-1)).toContain(`–${ready}`);
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    await lookAt(page, 'live-waiting');
    await page.getByRole('button', { name: 'Ladung beenden' }).click();
    await page.getByText(/Geprüft: dieser Beleg stimmt|Es wurde nichts geladen/).waitFor();
  });

  test('a car that may give back does so where it pays, and is credited for it', async () => {
    await unlock();
    await page.getByLabel('Mein Auto darf Strom zurückgeben').check();
    await page.getByLabel('Nie leerer als (kWh)').fill('15');
    await page.getByLabel('Beim Abfahren voll bis (kWh)').fill('10');
    await page.getByText('Die Reserve liegt über dem').waitFor();
    expect(await page.getByRole('button', { name: 'Hier laden' }).isDisabled()).toBe(true);
    await page.getByLabel('Beim Abfahren voll bis (kWh)').fill('30');
    expect(await text('plan')).toContain('Wann das Auto zurückgibt, plant die Säule');
    expect(await page.getByTestId('plan-earns').count()).toBe(0);
    // Said what the car is, the whole plan is shown before anything is signed.
    await page.getByLabel('Akku nutzbar (kWh)').fill('60');
    await page.getByLabel('Ladestand jetzt (%)').fill('133,3');
    await page.getByText('Der Ladestand kann nicht über 100 % liegen.').waitFor();
    await page.getByLabel('Ladestand jetzt (%)').fill('33,3');
    await page.getByTestId('plan-earns').waitFor();
    // With 22 kWh it gives back what they allow, with 45 kWh all that pays.
    const withLess = await cents('plan-earns');
    expect(withLess).toBeGreaterThan(150);
    await page.getByLabel('Energie in kWh').fill('45');
    await expect.poll(() => cents('plan-earns')).toBeGreaterThan(withLess + 50);
    expect(await text('plan-level')).toBe('30 kWh');
    expect(await text('plan-assumes')).toContain('Die Säule fragt das Auto selbst und kann anders planen.');
    // Given back at 0.42, and what comes back drawn at about 0.19 with tax.
    expect(await cents('plan-saves')).toBeGreaterThan(400);
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    const planned = await page.getByTestId('plan-chart').getByRole('row').allTextContents();
    expect(planned[0]).toContain('Ladestand');
    expect(planned.some((row) => row.includes('-11 kW'))).toBe(true);
    expect(planned.at(-1)).toMatch(/50 %$/);
    await page.getByTestId('plan-chart').getByText('Als Tabelle').click();
    await lookAt(page, 'plan-giving-back');
    const shown = await page.getByTestId('plan-chart').locator('.unseen').first().textContent();
    await page.getByRole('button', { name: 'Hier laden' }).click();
    await expect.poll(() => text('next-step'), { timeout: 60_000 }).toMatch(/^Gibt Strom zurück bis/);
    // The car says the same as the driver did: it is the plan that was shown, but for the minute in between.
    const until = minutesOf(/bis (\d\d:\d\d)/.exec(await text('next-step'))?.[1]);
    expect(
      Math.abs(until - minutesOf(/Gibt \d\d:\d\d–(\d\d:\d\d)/.exec(shown ?? '')?.[1])),
    ).toBeLessThanOrEqual(2);
    await page.waitForFunction(() =>
      /-[1-9]/.test(document.querySelector('[data-testid=live-power]')?.textContent ?? ''),
    );
    await lookAt(page, 'live-giving-back');
    await page.getByRole('button', { name: 'Ladung beenden' }).click();
    await page.getByText('Geprüft: dieser Beleg stimmt').waitFor();
    expect(await text('given-back')).toMatch(/^\d,?\d* kWh$/);
    expect(await text('wish-done')).toMatch(/Gutschrift\d,\d\d €/);
    // Energy that is gone was not saved.
    expect(await page.getByTestId('saved').count()).toBe(0);
    await lookAt(page, 'receipt-giving-back');
  });

  test('wishes are remembered; at once is one touch away', async () => {
    await unlock();
    expect(await page.getByRole('radio', { name: 'Günstig' }).isChecked()).toBe(true);
    expect(await page.getByLabel('Energie in kWh').inputValue()).toBe('45');
    expect(await page.getByLabel('Akku nutzbar (kWh)').inputValue()).toBe('60');
    expect(await page.getByLabel('Ladestand jetzt (%)').inputValue()).toBe('');
    await choose('Sofort');
    expect(await page.getByTestId('plan').count()).toBe(0);
    await page.getByLabel('Energie in kWh').fill('30');
    await chargeForAMoment();
    expect(await text('price-lines')).toContain('zu 0,4');
    expect(await text('wish-done')).toContain('sofort laden, bis 30 kWh');
    await lookAt(page, 'receipt-at-once');
  });

  test('the receipt shows what the own provider states of it: parts, promotion, what is left to pay', async () => {
    const today = Math.floor(Date.now() / 86_400_000) * 86_400;
    const promotion = {
      id: 'welcome',
      title: 'Halber Preis zum Willkommen',
      benefit: { type: 'percent-off', perMille: 500 },
      currency: 'EUR',
      startsAt: today - 86_400,
      endsAt: today + 30 * 86_400,
    } as const;
    expect(await network.driverProvider.addPromotion(promotion)).toMatchObject({ ok: true });
    await unlock();
    await chargeForAMoment();
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.getByText('Geprüft: dieser Beleg stimmt').waitFor();
          await page.waitForTimeout(300);
          return page.getByTestId('bill-card').count();
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(1);
    const bill = await text('bill-card');
    for (const part of ['Energie', 'Ladeinfrastruktur', 'Netz', 'Abgaben', 'Mehrwertsteuer'])
      expect(bill).toContain(part);
    expect(bill).toMatch(
      /Halber Preis zum Willkommen-\d,\d\d € netto, -\d,\d\d € MwSt\. \(19 %\)-\d,\d\d €Sie zahlendarin \d,\d\d € MwSt\.\d,\d\d €/,
    );
    expect(bill).toContain('So weist es Stadtwerke Alster aus.');
    await lookAt(page, 'receipt-split');
    await page.goto(`${network.appUrl}#/charges`);
    await expect
      .poll(() => text('taken-off'), { timeout: 60_000 })
      .toMatch(/^Nachlass Ihres Anbieters-\d,\d\d €Gutschrift/);
    await page.getByText('Woraus sich der Betrag zusammensetzt').click();
    await lookAt(page, 'charges');
  });

  test('nothing broke on the way', () => {
    expect(faults).toEqual([]);
  });
});

describe('a receipt of a night', () => {
  const night = Date.parse('2026-06-01T22:00:00Z') / 1000;
  const at = (seconds: number, importWh: number, exportWh = 0): Reading => ({
    at: night + seconds,
    importWh: 1_000 + importWh,
    exportWh,
    state: seconds >= 10_800 && seconds < 18_000 ? 'charging' : 'parking',
  });
  /** Gives back for half an hour, waits, and charges two hours in the cheap time. */
  const readings = [
    at(0, 0),
    at(900, 0, 1_000),
    at(1_800, 0, 2_000),
    at(10_800, 0, 2_000),
    ...Array.from({ length: 8 }, (_, quarter) => at(11_700 + quarter * 900, (quarter + 1) * 2_750, 2_000)),
  ];
  const prices = {
    signalId: `0x${'12'.repeat(32)}` as const,
    firstAt: night,
    pricesMicro: Array.from(
      { length: 40 },
      (_, quarter) => (quarter < 12 ? 370_000 : 150_000) + quarter * 1_000,
    ),
    otherwiseMicro: 390_000,
  };

  /** The app with this receipt on it, in a network whose keys are those of the test's own providers. */
  async function openReceipt(locale: string, deviceZone: string): Promise<Page> {
    const evidence = await buildEvidence({
      prices,
      readings,
      offer: { feedInMicroPerKwh: 420_000 },
      authorization: {
        mode: 'cheapest',
        leaveAt: night + 9 * 3_600,
        maxEnergyWh: 22_000,
        mayDischarge: true,
        reserveWh: 15_000,
      },
      cdr: { endReason: 'energy-reached' },
    });
    const members = ['DEAAA', 'DEBBB'].map((providerId) => ({
      providerId,
      name: providerId,
      keys: [{ publicKey: makeProvider(providerId).key.publicKey, addedAt: 0, retiredAt: 0 }],
    }));
    const [own] = members;
    const context = await openPhone(browser, faults, {
      locale,
      timezoneId: deviceZone,
      serviceWorkers: 'block',
    });
    const other = await context.newPage();
    await other.route('**/provider', (route) =>
      route.fulfill({ json: { ...own, networkId, currency: 'EUR', members } }),
    );
    const { authorizationId } = evidence.cdr.value;
    const record: ChargeRecord = {
      authorizationId,
      networkId,
      authorization: evidence.authorization,
      driverCertificate: evidence.driverCertificate,
      evseId: evidence.stationCertificate.value.evseId.text,
      pointName: 'Tiefgarage Hof 3',
      address: 'Oranienburger Straße 27, 10117 Berlin',
      linkUrl: 'ws://127.0.0.1:9/link',
      currency: 'EUR',
      maxPowerW: 11_000,
      signedAt: night,
      state: 'ended',
      samples: [],
      evidence,
    };
    await other.goto(`${network.appUrl}#/charges`);
    await other.getByRole('heading').first().waitFor();
    await other.evaluate(async (kept) => {
      const opening = indexedDB.open('p2p-power');
      await new Promise((resolve) => opening.addEventListener('success', resolve));
      const store = opening.result.transaction('entries', 'readwrite').objectStore('entries');
      const writing = store.put(kept, `charge/${kept.authorizationId}`);
      await new Promise((resolve) => writing.addEventListener('success', resolve));
    }, record);
    await other.reload();
    await other.goto(`${network.appUrl}#/receipts/${authorizationId}`);
    return other;
  }

  test('says what was wished and done, what was given back, and what it saved', async () => {
    page = await openReceipt('de-DE', 'Europe/Vienna');
    await page.getByText('Geprüft: dieser Beleg stimmt').waitFor();
    expect(await text('given-back')).toBe('2 kWh');
    // 20 kWh stay: at once at 0.381 on average as against 22 kWh at 0.165, less 2 kWh at 0.42; 19 % tax.
    expect(await text('saved')).toMatch(/^5,\d\d € gespart$/);
    const done = await text('wish-done');
    expect(done).toContain('so günstig wie möglich, bis 22 kWh, höchstens 40,00 €');
    expect(done).toContain('Fertig geladen05:00');
    expect(await page.getByTestId('point-time').count()).toBe(0);
    await page.getByText('Alle 8 Zeiten').click();
    expect(await text('price-lines')).toMatch(/2,750 kWh zu 0,16\d €\/kWh, 03:00–03:15/);
    await lookAt(page, 'receipt-night');
    await page.context().close();
  });

  test('in English too, and on a device elsewhere with the times and the zone of the point', async () => {
    page = await openReceipt('en-US', 'America/New_York');
    await page.getByText('Checked: this receipt is right').waitFor();
    expect(await text('saved')).toMatch(/^€5\.\d\d saved$/);
    expect(await text('wish-done')).toContain('as cheap as possible, up to 22 kWh, €40.00 at most');
    await page.getByText('All 8 times').click();
    expect(await text('price-lines')).toMatch(/2\.750 kWh at 0\.16\d €\/kWh, 03:00–03:15/);
    expect(await text('point-time')).toBe('All times are local to the charging point (CEST).');
    expect(await text('wish-done')).toMatch(
      /Departure2 Jun 2026, 09:00 CESTCharged22 kWhCharged by05:00 CEST/,
    );
    await page.getByTestId('done-chart').getByText('As a table').click();
    const rows = await page.getByTestId('done-chart').getByRole('row').allTextContents();
    expect(rows.some((row) => /^03:00–03:15/.test(row))).toBe(true);
    await page.getByTestId('done-chart').getByText('As a table').click();
    await lookAt(page, 'receipt-elsewhere');
    await page.goto(`${network.appUrl}#/charges`);
    const row = page.getByTestId('charges').getByRole('listitem');
    for (let months = 0; months < 60 && (await row.count()) === 0; months += 1)
      await page.getByRole('button', { name: 'Month before' }).click();
    expect(await row.textContent()).toContain('2 Jun 2026, 00:00 CEST');
    await lookAt(page, 'charges-elsewhere');
    await page.context().close();
    expect(faults).toEqual([]);
  });
});

describe('a point whose market prices are too old, without a fallback', () => {
  let silent: TestNetwork | undefined;
  afterAll(async () => {
    await silent?.close();
  }, 60_000);

  test('says on its page and at the station why it cannot be had', async () => {
    const { fallbackMicro: _, ...withoutFallback } = marketTerms;
    const { outDir } = await buildApp();
    silent = await openTestNetwork({
      webDir: outDir,
      market: { eurPerMwh, terms: { ...withoutFallback, maxAgeS: 1 }, tariff: marketTariff },
    });
    const context = await openPhone(browser, faults, { serviceWorkers: 'block' });
    page = await context.newPage();
    const { appUrl, evseId } = silent;
    const reason = 'Es liegen keine aktuellen Preise vor, und der Betreiber hat keinen Ersatzpreis genannt.';
    await expect
      .poll(
        async () => {
          await page.goto(`${appUrl}#/`);
          await page.goto(`${appUrl}#/points/${evseId}`);
          await page.getByRole('heading', { name: 'Preis', exact: true }).waitFor();
          await page.waitForTimeout(500);
          return page.getByText(reason).count();
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(1);
    await page.getByText('Gerade nicht zu haben').waitFor();
    // Nobody is told a price that nobody can have.
    expect(await page.getByText('Es gilt der Ersatzpreis').count()).toBe(0);
    expect(await page.getByTestId('kwh-now').count()).toBe(0);
    expect(await page.getByTestId('my-price').count()).toBe(0);
    await lookAt(page, 'point-no-fresh-price');
    // With the provision the station takes signals that are fresh for a second: then it does offer.
    await expect
      .poll(
        async () => {
          await page.goto(`${appUrl}#/points/${evseId}`);
          await page.getByRole('link', { name: 'Freischalten' }).click();
          await page.waitForTimeout(700);
          return page.getByText('Grund: no-fresh-price').count();
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBe(1);
    await context.close();
  }, 120_000);
});
