import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from './buildApp.ts';
import { lookAt } from './testing/lookAt.ts';
import { openBrowser } from './testing/openBrowser.ts';
import { marketTariff, marketTerms, openTestNetwork, type TestNetwork } from './testing/openTestNetwork.ts';
import { endCharge, openPhone, signIn, textOn, untilCharged } from './testing/testPhone.ts';

/**
 * Who sets prices, through the app, in a real browser, at real servers and a real station program: an operator, with a
 * preview on a charge that took place, and the provider's staff. The tests are one story and run in order.
 */
let network: TestNetwork;
let browser: Browser;
let operator: Page;
let staff: Page;
const faults: string[] = [];

/** One price for 30 hours: what a charge costs does not hang on the hour of the test. */
const eurPerMwh = Array.from({ length: 120 }, () => 100);
const patiently = { timeout: 60_000, interval: 200 };

const centsOn = async (page: Page, id: string) => Number((await textOn(page, id)).replace(/[^\d]/g, ''));
const field = (page: Page, name: string) => page.locator(`input[name="${name}"]`);
const inForce = async () => {
  const points = await network.operatorProvider.adminPoints();
  if (!points.ok) throw new Error(points.detail);
  return points.value.points.find(({ evseId }) => evseId === network.evseId);
};

const openPage = async () => (await openPhone(browser, faults, { serviceWorkers: 'block' })).newPage();
const signInAt = async (page: Page, url: string, email: string) => {
  await page.goto(`${url}#/me`);
  await signIn(page, email);
};

async function speak(page: Page, language: 'Deutsch' | 'English'): Promise<void> {
  await page.goto(`${network.operatorAppUrl}#/me`);
  await page.getByRole('radio', { name: language }).check({ force: true });
}

/** A driver's charge of some seconds, from signing in to the receipt. */
async function charge(email: string): Promise<void> {
  const driver = await openPage();
  await signInAt(driver, network.appUrl, email);
  await driver.goto(`${network.appUrl}#/unlock/${network.evseId}`);
  await driver.getByText('Echte Ladesäule, geprüft').waitFor();
  await driver.getByRole('button', { name: 'Hier laden' }).click();
  await untilCharged(driver);
  await driver.waitForTimeout(3_000);
  await endCharge(driver);
  await driver.context().close();
}

beforeAll(async () => {
  const { outDir } = await buildApp();
  [network, browser] = await Promise.all([
    openTestNetwork({ webDir: outDir, market: { eurPerMwh, terms: marketTerms, tariff: marketTariff } }),
    openBrowser(),
  ]);
  operator = await openPage();
  staff = await openPage();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await network?.close();
}, 60_000);

describe('an operator', () => {
  test('has a charge behind it', () => charge('anna@example.com'));

  test('finds its prices in words, with what they earned: the same as it did', async () => {
    await signInAt(operator, network.operatorAppUrl, 'bert@example.com');
    await operator.getByRole('link', { name: 'Seite für Betreiber' }).click();
    await expect
      .poll(async () => {
        await operator.reload();
        await operator.getByText('Tiefgarage Hof 3').waitFor();
        return operator.getByTestId('operator-charges').locator('li').count();
      }, patiently)
      .toBe(1);
    await lookAt(operator, 'operator');
    await operator.getByRole('link', { name: 'Preise ändern' }).click();
    await operator.getByTestId('would-earn').waitFor();
    expect(await field(operator, 'ENERGY-0').inputValue()).toBe('0,50');
    expect(await field(operator, 'capMicro').inputValue()).toBe('0,50');
    expect(await field(operator, 'vat').inputValue()).toBe('19');
    expect(await textOn(operator, 'prices-ENERGY')).toContain('0,595 € mit Steuer');
    expect(await textOn(operator, 'driver-sees')).toBe('0,595 €/kWh inkl. 19 % USt.');
    expect(await textOn(operator, 'display-law')).toBe('Nichts zu beanstanden.');
    expect(await centsOn(operator, 'did-earn')).toBeGreaterThan(0);
    expect(await textOn(operator, 'earn-change')).toBe('0 %');
    expect(await operator.getByTestId('preview-charges').locator('tbody tr').count()).toBe(1);
    await lookAt(operator, 'prices-dynamic');
  });

  test('sees what another tariff would have earned, and what the driver would read, before publishing', async () => {
    const did = await centsOn(operator, 'did-earn');
    await operator.locator('input[name="dynamic"]').uncheck();
    await expect.poll(() => centsOn(operator, 'would-earn'), patiently).toBeGreaterThan(did * 2);
    expect(await textOn(operator, 'earn-change')).toMatch(/^\+12\d(,\d)? %$/);
    await field(operator, 'ENERGY-0').fill('0,60');
    await expect.poll(() => textOn(operator, 'driver-sees'), patiently).toContain('0,714 €/kWh');
    await operator
      .getByTestId('prices-ENERGY')
      .getByRole('button', { name: 'Preis für bestimmte Zeiten' })
      .click();
    await field(operator, 'ENERGY-0').fill('0,30');
    await operator
      .getByTestId('prices-PARKING_TIME')
      .getByRole('button', { name: 'Preis hinzufügen' })
      .click();
    await field(operator, 'PARKING_TIME-0').fill('2,40');
    await operator.getByTestId('prices-PARKING_TIME').getByLabel('Nur zu bestimmten Zeiten').check();
    await field(operator, 'PARKING_TIME-0-after').fill('4');
    const lines = await operator.getByTestId('driver-sees').locator('li').allTextContents();
    expect(lines).toEqual([
      '0,357 €/kWh inkl. 19 % USt., 22:00–06:00',
      '0,714 €/kWh inkl. 19 % USt., sonst',
      '0,0476 €/min Stehen inkl. 19 % USt., nach 4 h, in Schritten von 1 min',
    ]);
    expect((await inForce())?.ocpiTariff).toEqual(marketTariff);
    await operator.getByTestId('would-earn').waitFor();
    await lookAt(operator, 'prices-edited');
  });

  test('publishes it: the tariff is in force and no longer follows the market', async () => {
    await operator.getByRole('button', { name: 'Veröffentlichen' }).click();
    await operator.getByText('Veröffentlicht. Die Säule übernimmt es').waitFor();
    const point = await inForce();
    expect(point?.dynamic).toBeNull();
    expect(point?.ocpiTariff?.elements).toEqual([
      {
        price_components: [{ type: 'ENERGY', price: 0.3, vat: 19, step_size: 1 }],
        restrictions: { start_time: '22:00', end_time: '06:00' },
      },
      { price_components: [{ type: 'ENERGY', price: 0.6, vat: 19, step_size: 1 }] },
      {
        price_components: [{ type: 'PARKING_TIME', price: 2.4, vat: 19, step_size: 60 }],
        restrictions: { min_duration: 14_400 },
      },
    ]);
  });

  test('finds what was published when it comes again, and guests’ free hours beside', async () => {
    await operator.reload();
    await operator.getByTestId('would-earn').waitFor();
    expect(await field(operator, 'ENERGY-0-from').inputValue()).toBe('22:00');
    expect(await field(operator, 'PARKING_TIME-0-after').inputValue()).toBe('4');
    await field(operator, 'guests').fill('2');
    await expect.poll(() => textOn(operator, 'would-earn'), patiently).toBe('0,00 €');
    expect(await textOn(operator, 'earn-change')).toBe('-100 %');
    await field(operator, 'guests').fill('zwei');
    await operator.getByText('Eine Zahl fehlt noch oder ist keine.').waitFor();
    expect(await operator.getByRole('button', { name: 'Veröffentlichen' }).isDisabled()).toBe(true);
  });

  test('is told that a point is none of its own', async () => {
    await operator.goto(`${network.operatorAppUrl}#/prices/DEBBBENOWHERE`);
    await operator.getByText('Grund: point-unknown').waitFor();
    await lookAt(operator, 'prices-none');
  });
});

describe('the provider’s staff', () => {
  test('is let in by its access word alone, which stays in the tab', async () => {
    await staff.goto(`${network.operatorAppUrl}#/me`);
    await staff.getByRole('link', { name: 'Für Mitarbeiter' }).click();
    await staff.getByLabel('Zugangswort für Mitarbeiter').fill('not the word');
    await staff.getByRole('button', { name: 'Öffnen' }).click();
    await staff.getByText('Grund: not-staff').waitFor();
    await lookAt(staff, 'staff-enters');
    await staff.getByLabel('Zugangswort für Mitarbeiter').fill(network.staffToken);
    await staff.getByRole('button', { name: 'Öffnen' }).click();
    await staff.getByTestId('signal-price-DE-LU').waitFor();
    await staff.reload();
    await staff.getByTestId('signal-price-DE-LU').waitFor();
    const kept = await staff.evaluate(async (token) => {
      const opening = indexedDB.open('p2p-power');
      await new Promise((resolve) => opening.addEventListener('success', resolve));
      const reading = opening.result.transaction('entries').objectStore('entries').getAll();
      await new Promise((resolve) => reading.addEventListener('success', resolve));
      const lasting = JSON.stringify([reading.result, { ...localStorage }, document.cookie, location.href]);
      return { lasting: lasting.includes(token), tab: JSON.stringify({ ...sessionStorage }).includes(token) };
    }, network.staffToken);
    expect(kept).toEqual({ lasting: false, tab: true });
  });

  test('sees the signal by the quarter-hour, its age and that nothing is wrong', async () => {
    const signal = staff.getByTestId('signal-price-DE-LU');
    expect(await signal.textContent()).toMatch(/Quelle: Datei · vor \d+ s gehört · bekannt bis /);
    expect(await signal.textContent()).toContain('in Ordnung');
    await signal.getByText('Als Tabelle').click();
    expect(await signal.getByRole('row').nth(1).textContent()).toMatch(/0,10\s€$/);
    await signal.getByText('Als Tabelle').click();
  });

  test('states the grid by hand, with a limit, and takes it back', async () => {
    await staff.getByRole('radio', { name: 'gelb' }).check({ force: true });
    await field(staff, 'grid-area').fill('berlin-mitte');
    await field(staff, 'grid-limit').fill('4,2');
    await staff.getByRole('button', { name: 'Setzen' }).click();
    await staff.getByText('Gesetzt. Die Säulen hören es').waitFor();
    await staff.getByTestId('chart-grid-berlin-mitte').waitFor();
    const signal = await network.operatorProvider.signal('grid', 'berlin-mitte');
    expect(signal.ok && JSON.parse(signal.value.contentJson)).toMatchObject({
      kind: 'grid',
      slots: [{ state: 'yellow', limitW: 4_200 }],
    });
    await lookAt(staff, 'staff-signals');
    await staff.getByRole('button', { name: 'Alles aufheben' }).click();
    await expect
      .poll(async () => {
        const cleared = await network.operatorProvider.signal('grid', 'berlin-mitte');
        return cleared.ok && JSON.parse(cleared.value.contentJson).slots.length;
      }, patiently)
      .toBe(0);
  });

  test('lays down a frame, and hears which point is outside', async () => {
    await staff.getByRole('button', { name: 'Rahmen hinzufügen' }).click();
    expect(await staff.getByRole('button', { name: 'Rahmen speichern' }).isDisabled()).toBe(true);
    await field(staff, 'frame-0-floorMicro').fill('0,60');
    await field(staff, 'frame-0-ceilingMicro').fill('0,50');
    await staff.getByRole('button', { name: 'Rahmen speichern' }).click();
    await staff.getByText('Grund: floor-above-ceiling').waitFor();
    await field(staff, 'frame-0-floorMicro').fill('0,20');
    await staff.getByRole('button', { name: 'Rahmen speichern' }).click();
    await staff.getByText('Gespeichert. Er gilt für alles').waitFor();
    expect(await textOn(staff, 'outside')).toContain('DE*BBB*EGARAGE1');
    expect(await textOn(staff, 'outside')).toContain('0,60 EUR/kWh liegt über der Obergrenze');
    const frames = await network.operatorProvider.priceFrames();
    expect(frames.ok && frames.value.frames).toEqual([
      { pointClass: 'ac', currency: 'EUR', floorMicro: 200_000, ceilingMicro: 500_000, mayBeFree: false },
    ]);
  });

  test('enters a commission and a promotion, and ends them', async () => {
    await staff.getByText('Neue Provision').click();
    await field(staff, 'commission-perKwhMicro').fill('0,05');
    await field(staff, 'commission-sharePerMille').fill('10');
    await staff.getByRole('button', { name: 'Ab jetzt gelten lassen' }).click();
    await expect.poll(() => textOn(staff, 'commissions'), patiently).toContain('0,05 € je kWh + 10 %');

    await staff.getByText('Neue Aktion').click();
    await field(staff, 'promotion-title').fill('Die ersten 20 kWh');
    await field(staff, 'promotion-amount').fill('20');
    await field(staff, 'promotion-budget').fill('500');
    await staff.getByRole('button', { name: 'Aktion starten' }).click();
    await expect.poll(() => textOn(staff, 'promotions'), patiently).toContain('0,00 € von 500,00 € gegeben');
    const entered = await network.operatorProvider.promotions();
    expect(entered.ok && entered.value.promotions[0]?.promotion.benefit).toEqual({
      type: 'free-energy',
      energyWh: 20_000,
    });
    await lookAt(staff, 'staff-prices');

    await staff.getByTestId('promotions').getByRole('button', { name: 'Beenden' }).click();
    await expect.poll(() => textOn(staff, 'promotions'), patiently).toContain('beendet');
    await staff.getByTestId('commissions').getByRole('button', { name: 'Beenden' }).click();
    await staff.getByText('Keine: Betreiber bekommen die ganze Ladung.').waitFor();
  });
});

describe('a price outside the frame', () => {
  test('is told beside its field with the bound, and refused by the provider by name', async () => {
    await operator.goto(`${network.operatorAppUrl}#/prices/${network.evseId}`);
    await operator.getByTestId('would-earn').waitFor();
    const before = (await inForce())?.tariffId;
    expect(await operator.getByTestId('fault-ENERGY-0').count()).toBe(0);
    expect((await operator.getByTestId('fault-ENERGY-1').textContent())?.replace(/\u00a0/g, ' ')).toBe(
      'Über der Obergrenze von 0,50 €',
    );
    await field(operator, 'ENERGY-1').fill('0,55');
    await operator.getByRole('button', { name: 'Veröffentlichen' }).click();
    await operator.getByText('Grund: price-outside-frame').waitFor();
    await expect
      .poll(() => textOn(operator, 'published'), patiently)
      .toContain('Energie (Tarifelement 2): 0,55 EUR/kWh liegt über der Obergrenze von 0,50 EUR/kWh');
    expect((await inForce())?.tariffId).toBe(before);
    await lookAt(operator, 'prices-refused');
  });

  test('within it the same form is published', async () => {
    await field(operator, 'ENERGY-1').fill('0,45');
    expect(await operator.getByTestId('fault-ENERGY-1').count()).toBe(0);
    await operator.getByRole('button', { name: 'Veröffentlichen' }).click();
    await operator.getByText('Veröffentlicht. Die Säule übernimmt es').waitFor();
    expect((await inForce())?.ocpiTariff?.elements[1]?.price_components[0]?.price).toBe(0.45);
  });

  test('in English the pages of operators and staff are English', async () => {
    await speak(operator, 'English');
    await operator.goto(`${network.operatorAppUrl}#/operator`);
    await operator.getByText('Tiefgarage Hof 3').waitFor();
    await operator.getByText('0.357 €/kWh incl. 19 % VAT').waitFor();
    await lookAt(operator, 'operator-en');
    await operator.goto(`${network.operatorAppUrl}#/prices/${network.evseId}`);
    await operator.getByTestId('would-earn').waitFor();
    await lookAt(operator, 'prices-en');
    await staff.goto(`${network.operatorAppUrl}#/me`);
    await speak(staff, 'English');
    await staff.goto(`${network.operatorAppUrl}#/provider`);
    await staff.getByTestId('signal-price-DE-LU').waitFor();
    await staff.getByRole('button', { name: 'Save frames' }).waitFor();
    await lookAt(staff, 'staff-en');
    await speak(operator, 'Deutsch');
  });
});

describe('a charge that the driver’s provider refuses', () => {
  test('stands on the operator’s page with what it was worth and why, in both languages', async () => {
    await network.cutInternet();
    await network.restoreInternet('CHF');
    await charge('anna@example.com');
    await operator.goto(`${network.operatorAppUrl}#/operator`);
    await expect
      .poll(async () => {
        await operator.reload();
        await operator.getByTestId('operator-charges').waitFor();
        return operator.getByTestId('refused-because').count();
      }, patiently)
      .toBe(1);
    expect(await textOn(operator, 'refused-because')).toBe(
      'Der Anbieter des Fahrers rechnet in einer anderen Währung. wrong-currency',
    );
    const refused = operator.getByTestId('operator-charges').getByRole('listitem').first();
    expect(await refused.textContent()).toContain('abgelehnt');
    expect(await refused.locator('strong').textContent()).toBe(
      await operator.getByTestId('operator-refused').textContent(),
    );
    expect(await centsOn(operator, 'operator-refused')).toBeGreaterThan(0);
    await lookAt(operator, 'operator-refused');
    await speak(operator, 'English');
    await operator.goto(`${network.operatorAppUrl}#/operator`);
    await operator.getByTestId('refused-because').waitFor();
    expect(await textOn(operator, 'refused-because')).toBe(
      'The driver’s provider bills in another currency. wrong-currency',
    );
    await lookAt(operator, 'operator-refused-en');
  });

  test('nothing broke on the way', () => {
    expect(faults).toEqual([]);
  });
});
