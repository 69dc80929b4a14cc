import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOfPage } from './faultsOfPage.ts';
import { openBrowser } from './openBrowser.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
}, 120_000);
afterAll(() => browser?.close());

const style = `
  body { margin: 0; background: #fff; color: #111; font: 16px sans-serif }
  button, input { box-sizing: border-box; height: 48px; border: 1px solid #777; background: #fff; color: #111 }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden }`;

async function faultsOf(html: string, lang = 'de'): Promise<readonly string[]> {
  await page.setContent(
    `<!doctype html><html lang="${lang}"><style>${style}</style><body>${html}</body></html>`,
  );
  return faultsOfPage(page);
}

const inOrder = `<main><h1>Preise</h1><label>Preis <input name="price"></label><h2>Grenzen</h2><button>Speichern</button></main>`;

test('a page in order has none', async () => {
  expect(await faultsOf(inOrder)).toEqual([]);
});

describe('is found:', () => {
  test.each([
    ['a field without a name', '<input name="price">', 'input[price] “” has no name'],
    ['a button without a name', '<button><i></i></button>', 'button “” has no name'],
    ['a picture without words', '<img src="data:,">', 'img “” has no alt'],
    ['a drawing that is read out', '<svg width="9" height="9"></svg>', 'svg “” is read out'],
    ['a reference to nothing', '<p aria-labelledby="gone">Text</p>', 'aria-labelledby names gone'],
    ['an id twice', '<p id="a">A</p><p id="a">B</p>', 'two elements have the id a'],
    ['a heading that skips a level', '<h4>Zeiten</h4>', 'h4 “Zeiten” skips a level'],
    ['a second title', '<h1>Noch einer</h1>', 'not one h1'],
    ['what is hard to hit', '<button style="height:30px">Weg</button>', 'is 30 px high'],
    ['what is beyond the edge', '<div style="width:500px">Breit</div>', 'wide in a window of 390'],
    [
      'what leaves its card',
      '<div class="card" style="width:100px"><button style="width:150px">Lang</button></div>',
      'px beyond its card',
    ],
    [
      'two fields over each other',
      '<div style="display:flex"><button style="width:99px">A</button><button style="margin-left:-20px">B</button></div>',
      'lie over each other',
    ],
    ['grey text on white', '<p style="color:#999">Leise</p>', 'has 2.85 to 1'],
    ['text that is faded', '<div style="opacity:.4"><p>Blass</p></div>', 'p “Blass” has'],
    ['text on a glass of grey', '<p style="background:#0009;color:#555">Trüb</p>', 'p “Trüb” has'],
    [
      'a border that is not seen',
      '<label>N <input name="n" style="border-color:#ddd"></label>',
      'the border of input[n]',
    ],
    ['English on a German page', '<p>Above the ceiling</p>', '“Above” in p'],
  ])('%s', async (_what, html, fault) => {
    const faults = await faultsOf(inOrder.replace('</main>', `${html}</main>`));
    expect(
      faults.some((found) => found.includes(fault)),
      faults.join('\n'),
    ).toBe(true);
  });

  test('German on an English page', async () => {
    expect(await faultsOf('<main><h1>Rahmen und Preis</h1></main>', 'en')).toEqual([
      '“und” in h1 “Rahmen und Preis”',
    ]);
  });
});

describe('is let be:', () => {
  test.each([
    ['large text that is 3 to 1', '<p style="font-size:24px;color:#8a8a8a">Groß</p>'],
    ['what is off', '<button disabled style="color:#bbb">Speichern</button>'],
    ['what only readers hear', '<p class="unseen" style="color:#fff">Für alle</p>'],
    ['a drawing beside words', '<svg aria-hidden="true" width="9" height="9"></svg>'],
    ['a link within a text', '<p>Mehr <a href="#x">hier</a>.</p>'],
    [
      'a name that is no word of ours',
      '<code>price-outside-frame is above</code><p lang="en">is above the ceiling</p>',
    ],
    [
      'a wide table that scrolls',
      '<div style="overflow-x:auto"><div style="width:800px">Tabelle</div></div>',
    ],
  ])('%s', async (_what, html) => {
    expect(await faultsOf(inOrder.replace('</main>', `${html}</main>`))).toEqual([]);
  });
});
