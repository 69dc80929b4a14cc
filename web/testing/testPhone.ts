import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** A phone in German; what breaks on its pages is noted in `faults`. `settings` go before its own. */
export async function openPhone(
  browser: Browser,
  faults: string[],
  settings: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    ...settings,
  });
  context.setDefaultTimeout(60_000);
  context.on('weberror', (error) => faults.push(String(error.error())));
  return context;
}

/** Signs a person of the test network in, from the page that is shown to the app's own. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: /^Bei .* anmelden$|^Anmelden$/ }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('signed-in').waitFor();
}

/** Waits until the charge shown has had some energy. */
export async function untilCharged(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    /[1-9]/.test(document.querySelector('[data-testid=live-energy]')?.textContent ?? ''),
  );
}

/** Ends the charge shown, up to its receipt that was found good. */
export async function endCharge(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ladung beenden' }).click();
  await page.getByText('Geprüft: dieser Beleg stimmt').waitFor();
}

/** What stands in an element, with plain spaces. */
export async function textOn(page: Page, id: string): Promise<string> {
  return ((await page.getByTestId(id).textContent()) ?? '').replace(/[\u00a0\u202f]/g, ' ');
}
