import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../testing/openBrowser.ts';
import { memoryStore, type Store } from './Store.ts';

declare global {
  /** In the page only. */
  var openIndexedDbStore: (databaseName: string) => Promise<Store>;
}

/** The browser's own database, in a real browser, against the store in memory: they keep the same promises. */
let server: Server;
let browser: Browser;
let page: Page;

const source = (file: string) => stripTypeScriptTypes(readFileSync(new URL(file, import.meta.url), 'utf8'));

beforeAll(async () => {
  server = createServer((request, response) => {
    const isModule = request.url === '/indexedDbStore.js';
    response
      .writeHead(200, { 'content-type': isModule ? 'text/javascript' : 'text/html' })
      .end(
        isModule
          ? source('./indexedDbStore.ts')
          : '<!doctype html><script type="module">import * as made from "./indexedDbStore.js"; Object.assign(window, made);</script>',
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  browser = await openBrowser();
  page = await browser.newPage();
  await open();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

const open = () => page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: unknown }
  | { readonly do: 'get' | 'remove' | 'list'; readonly key: string };

async function play(store: Store, steps: readonly Step[]): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const step of steps)
    answers.push(
      (step.do === 'put' ? await store.put(step.key, step.value) : await store[step.do](step.key)) ?? null,
    );
  return answers;
}

const playInBrowser = (steps: readonly Step[], databaseName: string): Promise<readonly unknown[]> =>
  page.evaluate(
    async ([steps, databaseName]) => {
      const store = await openIndexedDbStore(databaseName);
      const answers: unknown[] = [];
      for (const step of steps)
        answers.push(
          (step.do === 'put' ? await store.put(step.key, step.value) : await store[step.do](step.key)) ??
            null,
        );
      return answers;
    },
    [steps, databaseName] as const,
  );

const keys = fc.constantFrom('charge/0x1', 'charge/0x10', 'charge/0x2', 'charge', 'chargf', 'key/a', 'ü/€');
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('put' as const), key: keys, value: fc.jsonValue({ maxDepth: 2 }) }),
    fc.record({ do: fc.constantFrom('get' as const, 'remove' as const), key: keys }),
    fc.record({
      do: fc.constant('list' as const),
      key: fc.constantFrom('', 'charge/', 'charge/0x1', 'key/', 'ü'),
    }),
  ),
  { maxLength: 25 },
);

describe('the store of the browser', () => {
  test('answers as the one in memory, whatever is put, got, listed and removed', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        run += 1;
        const inBrowser = await playInBrowser(played, `run-${run}`);
        const inMemory = await play(memoryStore(), played);
        expect(inBrowser).toEqual(JSON.parse(JSON.stringify(inMemory)));
      }),
      { numRuns: 25 },
    );
  });

  test('still has it when the page comes again', async () => {
    await playInBrowser([{ do: 'put', key: 'charge/0x1', value: { state: 'asked' } }], 'lasting');
    await open();
    expect(await playInBrowser([{ do: 'get', key: 'charge/0x1' }], 'lasting')).toEqual([{ state: 'asked' }]);
  });

  test('keeps a key that cannot be taken out, and it signs as before', async () => {
    const verified = await page.evaluate(async () => {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
      const made = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
      await (await openIndexedDbStore('keys')).put('key/0x1', made);
      const { privateKey, publicKey } = (await (
        await openIndexedDbStore('keys')
      ).get('key/0x1')) as CryptoKeyPair;
      const data = new TextEncoder().encode('a charge');
      const signature = await crypto.subtle.sign(algorithm, privateKey, data);
      return [
        privateKey.extractable,
        await crypto.subtle.verify(algorithm, made.publicKey, signature, data),
        await crypto.subtle.verify(algorithm, publicKey, signature, data),
      ];
    });
    expect(verified).toEqual([false, true, true]);
  });

  test('refuses, rather than half keeps, what no database can hold', async () => {
    const answers = await page.evaluate(async () => {
      const store = await openIndexedDbStore('refusing');
      const name = await store.put('a', { call: () => 1 }).then(
        () => 'kept',
        (fault: Error) => fault.name,
      );
      return [name, (await store.get('a')) ?? null];
    });
    expect(answers).toEqual(['DataCloneError', null]);
  });
});

test('the store in memory keeps a copy, which later changes do not reach', async () => {
  const store = memoryStore();
  const record = { state: 'asked' };
  await store.put('charge/0x1', record);
  record.state = 'ended';
  expect(await store.get('charge/0x1')).toEqual({ state: 'asked' });
});
