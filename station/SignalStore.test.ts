import type { Signal, SignalContent } from '@p2p-power/protocol/Signal';
import {
  dawn,
  makeProvider,
  makeStation,
  networkId,
  type TestProvider,
} from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryJournalStore } from './memoryJournalStore.ts';
import type { Provision } from './Provision.ts';
import { openSignalStore, type SignalStore } from './SignalStore.ts';
import {
  hourlyIndex,
  makeProvision,
  signTestSignal,
  testTerms,
  verifier,
  virtualClock,
} from './testing/stationWorld.ts';

const own = makeProvider('DEBBB');
const stranger = makeProvider('DEAAA');
const carbon: SignalContent = { kind: 'carbon', firstAt: dawn, gramsPerKwh: [300, null, 120] };
const grid: SignalContent = {
  kind: 'grid',
  slots: [{ from: dawn, to: dawn + 900, state: 'red', limitW: 0 }],
};
let provision: Provision;
let other: Provision;

beforeAll(async () => {
  provision = await makeProvision(own, await makeStation(own), [own], { dynamic: testTerms });
  other = { ...provision, networkId: `0x${'11'.repeat(32)}` };
});

function world(given: Partial<Provision> = {}, store = memoryJournalStore()) {
  const clock = virtualClock();
  const open = (changes = given): Promise<SignalStore> =>
    openSignalStore({ ...provision, ...changes }, { store, clock, verifier }, () => provision.issuerKeys);
  return { store, clock, open };
}

const price = (issuedAt: number, cents = 10, by: TestProvider = own, area = 'DE-LU') =>
  signTestSignal(by, hourlyIndex(dawn, cents), issuedAt, area);

describe('the signals at hand', () => {
  test('are the newest genuine ones of each kind, and outlast the controller', async () => {
    const { open } = world();
    const signals = await open();
    expect(signals.all()).toEqual([]);
    for (const signal of [await price(dawn - 60), await signTestSignal(own, carbon, dawn, 'DE')])
      expect(await signals.take(signal)).toMatchObject({ ok: true });
    expect(await signals.take(await price(dawn - 30, 20))).toMatchObject({ ok: true });
    expect(signals.newest('price')).toMatchObject({
      head: { issuedAt: dawn - 30 },
      content: { kind: 'price' },
    });
    const again = await open();
    expect(again.all()).toEqual(signals.all());
    expect(again.newest('carbon')?.content).toEqual(carbon);
    expect(again.newest('grid')).toBeUndefined();
  });

  test('are the newer of what a provision brings and what was kept', async () => {
    const { open } = world();
    const [older, newer] = [await price(dawn - 60), await price(dawn - 30)];
    await (await open()).take(older);
    expect((await open({ signals: [newer] })).all()).toEqual([newer]);
    expect((await open({ signals: [await price(dawn - 90)] })).all()).toEqual([older]);
    expect((await open({ signals: [await price(dawn, 1, stranger)] })).all()).toEqual([older]);
  });

  test.each([
    ['not-newer', () => price(dawn - 60)],
    ['wrong-issuer', () => price(dawn, 1, stranger)],
    ['signal-of-another-area', () => price(dawn, 1, own, 'AT')],
    ['signal-from-future', () => price(dawn + 121)],
    ['content-mismatch', async () => ({ ...(await price(dawn)), contentJson: '{}' })],
    ['not-an-object', async () => 'a signal'],
    [
      'bad-signature',
      async () => {
        const signal = await price(dawn);
        return { ...signal, head: { ...signal.head, signature: (await price(dawn - 1)).head.signature } };
      },
    ],
    [
      'signal-in-another-currency',
      () => signTestSignal(own, { kind: 'price', currency: 'CHF', firstAt: dawn, indexMicro: [1] }, dawn),
    ],
  ])('do not change by one that is %s', async (refusal, make) => {
    const { open, store } = world();
    const signals = await open();
    await signals.take(await price(dawn - 60));
    const before = store.kept('signal-price');
    expect(await signals.take(await make())).toMatchObject({ ok: false, refusal });
    expect(store.kept('signal-price')).toBe(before);
    expect(signals.newest('price')?.head.issuedAt).toBe(dawn - 60);
  });

  test('of CO2 and grid stay those of the area that the provision names', async () => {
    const { open } = world();
    const signals = await open({ signals: [await signTestSignal(own, grid, dawn - 60, 'North')] });
    const elsewhere = await signTestSignal(own, { kind: 'grid', slots: [] }, dawn, 'South');
    expect(await signals.take(elsewhere)).toMatchObject({ refusal: 'signal-of-another-area' });
    expect(signals.newest('grid')?.content).toEqual(grid);
  });

  test('of another network are none', async () => {
    const { open } = world();
    const signals = await open({ networkId: other.networkId });
    expect(other.networkId).not.toBe(networkId);
    expect(await signals.take(await price(dawn))).toMatchObject({ refusal: 'bad-signature' });
  });

  test('never become older, in whatever order they come', async () => {
    const offers = await Promise.all(
      [0, 1, 2, 3, 4].map((minute) => price(dawn - 600 + minute * 60, minute)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 12 }), async (order) => {
        const signals = await world().open();
        let newest = -1;
        for (const index of order) {
          await signals.take(offers[index] as Signal);
          newest = Math.max(newest, index);
          expect(signals.all()).toEqual([offers[newest]]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
