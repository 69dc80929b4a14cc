import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { faultsOfPage } from './faultsOfPage.ts';

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;

/**
 * Looks at a page as it is, in phone and desktop size, light and dark: nothing on it may keep anybody from using it
 * (`faultsOfPage`). Where the environment names a folder as `PICTURES`, whole pictures of it go there, for people to look at.
 */
export async function lookAt(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  const scrolledTo = await page.evaluate(() => scrollY);
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForTimeout(150);
      const picture = `${name}-${size}-${colorScheme}`;
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `${picture}.png`), fullPage: true });
      expect.soft(await faultsOfPage(page), picture).toEqual([]);
    }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before !== null) await page.setViewportSize(before);
  await page.evaluate((top) => scrollTo(0, top), scrolledTo);
}
