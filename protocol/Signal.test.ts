import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import {
  maxIndexMicro,
  maxSignalLength,
  maxSignalSlots,
  openSignal,
  parseSignalContent,
  type SignalContent,
  SignalHead,
  signalContentHash,
  signSignal,
} from './Signal.ts';
import { bytes32, dawn, makeProvider, networkId, testKey } from './testing/world.ts';

const verifier = nodeCryptoVerifier(crypto);
const issuer = makeProvider('DEBBB');
const expected = {
  networkId,
  issuerId: 'DEBBB',
  issuerKeys: [testKey('old key').publicKey, issuer.key.publicKey],
};
const head = { providerId: 'DEBBB', issuerKeyId: issuer.issuerKeyId, area: 'AT', issuedAt: dawn };
const price: SignalContent = {
  kind: 'price',
  currency: 'EUR',
  firstAt: dawn,
  indexMicro: [91_230, -12_000, null, 0],
};
const carbon: SignalContent = { kind: 'carbon', firstAt: dawn, gramsPerKwh: [312, null, 0] };
const grid: SignalContent = {
  kind: 'grid',
  slots: [
    { from: dawn, to: dawn + 900, state: 'green' },
    { from: dawn + 900, to: dawn + 1_000, state: 'red', limitW: 4_200 },
  ],
};

/** A signed signal with any text as its content. */
async function signed(contentJson: string, overrides: Partial<SignalHead> = {}, signer = issuer.key) {
  const value: SignalHead = {
    ...head,
    kind: 'price',
    contentHash: signalContentHash(contentJson),
    ...overrides,
  };
  return { head: await SignalHead.sign(networkId, value, signer), contentJson };
}

test('what a provider signed is opened, with its id', async () => {
  for (const content of [price, carbon, grid]) {
    const signal = await signSignal(networkId, head, content, issuer.key);
    const opened = await openSignal(JSON.parse(JSON.stringify(signal)), expected, verifier);
    expect(opened).toEqual({
      ok: true,
      value: { id: SignalHead.id(networkId, signal.head.value), head: signal.head.value, content },
    });
  }
});

test('a spelling of its own and fields of a later version are taken, and the latter left out', async () => {
  const spaced = await signed(JSON.stringify({ ...price, weather: 'fair' }, null, 3));
  expect(await openSignal(spaced, expected, verifier)).toMatchObject({ ok: true, value: { content: price } });
});

test('every other signal is refused by name', async () => {
  const good = await signSignal(networkId, head, price, issuer.key);
  for (const [signal, refusal] of [
    [null, 'not-an-object'],
    [{ head: good.head }, 'not-an-object'],
    [{ ...good, head: {} }, 'missing-field'],
    [{ ...good, head: { ...good.head, value: { ...good.head.value, kind: 'weather' } } }, 'bad-field'],
    [await signed(good.contentJson, { providerId: 'DEAAA' }), 'wrong-issuer'],
    [await signed(good.contentJson, { issuerKeyId: bytes32('unknown') }), 'wrong-issuer'],
    [{ ...good, contentJson: `${good.contentJson} ` }, 'content-mismatch'],
    [await signed('{'), 'bad-content'],
    [await signed(JSON.stringify(carbon)), 'bad-content'],
    [await signed(`${good.contentJson}${' '.repeat(maxSignalLength)}`), 'bad-content'],
    [await signed(good.contentJson, {}, testKey('stranger')), 'bad-signature'],
    [{ ...good, head: { ...good.head, value: { ...good.head.value, issuedAt: dawn + 1 } } }, 'bad-signature'],
    [{ ...good, head: { ...good.head, value: { ...good.head.value, area: 'DE-LU' } } }, 'bad-signature'],
  ] as const)
    expect(await openSignal(signal, expected, verifier), refusal).toMatchObject({ ok: false, refusal });
  expect(await openSignal(good, { ...expected, networkId: bytes32('other') }, verifier)).toMatchObject({
    refusal: 'bad-signature',
  });
});

test('what is no sound content is neither opened nor signed', async () => {
  const row = (length: number) => Array.from({ length }, () => 1);
  expect(parseSignalContent({ ...price, indexMicro: row(maxSignalSlots) })).toBeDefined();
  expect(parseSignalContent({ ...price, indexMicro: [maxIndexMicro, -maxIndexMicro] })).toBeDefined();
  for (const unsound of [
    undefined,
    { ...price, kind: 'weather' },
    { ...price, currency: 'euro' },
    { ...price, firstAt: dawn + 1 },
    { ...price, firstAt: -900 },
    { ...price, indexMicro: 'cheap' },
    { ...price, indexMicro: [0.5] },
    { ...price, indexMicro: [Number.NaN] },
    { ...price, indexMicro: [maxIndexMicro + 1] },
    { ...price, indexMicro: row(maxSignalSlots + 1) },
    { ...carbon, gramsPerKwh: [-1] },
    { ...carbon, gramsPerKwh: undefined },
    { kind: 'grid', slots: [{ from: dawn, to: dawn, state: 'green' }] },
    { kind: 'grid', slots: [{ from: dawn, to: dawn + 1, state: 'blue' }] },
    { kind: 'grid', slots: [{ from: dawn, to: dawn + 1, state: 'red', limitW: -1 }] },
    { kind: 'grid', slots: [...(grid.kind === 'grid' ? grid.slots : [])].reverse() },
    { kind: 'grid', slots: Array.from({ length: maxSignalSlots + 1 }, (_, at) => slotAt(at + 1)) },
  ]) {
    expect(parseSignalContent(unsound), JSON.stringify(unsound)?.slice(0, 80)).toBeUndefined();
    await expect(signSignal(networkId, head, unsound as SignalContent, issuer.key)).rejects.toThrow(
      RangeError,
    );
  }
});

const slotAt = (from: number) => ({ from, to: from + 1, state: 'green' });

test('one character of the content changed, whichever, and it is not opened', async () => {
  const { head: signedHead, contentJson } = await signSignal(networkId, head, price, issuer.key);
  for (let at = 0; at < contentJson.length; at += 1) {
    const digit = contentJson[at] === '1' ? '2' : '1';
    const changed = {
      head: signedHead,
      contentJson: contentJson.slice(0, at) + digit + contentJson.slice(at + 1),
    };
    expect(await openSignal(changed, expected, verifier)).toMatchObject({ refusal: 'content-mismatch' });
  }
});

test('no JSON makes it throw, and what is read is read again as the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (json) => void (await openSignal(json, expected, verifier))),
  );
  const anyContent = fc.record(
    {
      kind: fc.constantFrom('price', 'carbon', 'grid', 'weather'),
      currency: fc.constantFrom('EUR', 'eur'),
      firstAt: fc.oneof(
        fc.integer({ min: 1, max: 10 }).map((n) => n * 900),
        fc.integer(),
      ),
      indexMicro: fc.array(fc.oneof(fc.constant(null), fc.integer(), fc.jsonValue()), { maxLength: 4 }),
      gramsPerKwh: fc.array(fc.oneof(fc.constant(null), fc.nat(), fc.jsonValue()), { maxLength: 4 }),
      slots: fc.array(fc.oneof(fc.integer({ min: 1, max: 99 }).map(slotAt), fc.jsonValue()), {
        maxLength: 4,
      }),
    },
    { requiredKeys: ['kind'] },
  );
  let sound = 0;
  fc.assert(
    fc.property(anyContent, (json) => {
      const content = parseSignalContent(json);
      if (content === undefined) return;
      sound += 1;
      expect(parseSignalContent(JSON.parse(JSON.stringify(content)))).toEqual(content);
    }),
    { numRuns: 1_000 },
  );
  expect(sound).toBeGreaterThan(20);
});
