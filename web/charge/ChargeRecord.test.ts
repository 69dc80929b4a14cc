import type { SessionStatus } from '@p2p-power/protocol/LocalLink';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryStore } from '../store/Store.ts';
import {
  type ChargeRecord,
  chargeById,
  isOpen,
  listCharges,
  saveCharge,
  signedWish,
  type Wishes,
  withStatus,
} from './ChargeRecord.ts';

const wishes: Wishes = {
  maxEnergyWh: 60_000,
  maxAmountMicro: 40_000_000,
  mode: 'cheapest',
  leaveAt: 1_780_300_000,
  mayDischarge: true,
  reserveWh: 15_000,
  targetWh: 30_000,
};
const record = (authorizationId: string, signedAt: number, more: Partial<ChargeRecord> = {}) =>
  ({ authorizationId, signedAt, state: 'asked', samples: [], ...more }) as unknown as ChargeRecord;
const status = (at: number, state: SessionStatus['state'] = 'charging') =>
  ({ at, powerW: 11_000, energyWh: at, state }) as SessionStatus;

describe('what is signed of wishes', () => {
  test('is never wider than the certificate, and gives back only where it allows that', () => {
    const bounds = fc.record({
      maxEnergyWh: fc.nat(200_000),
      maxAmountMicro: fc.nat(200_000_000),
      mayDischarge: fc.boolean(),
    });
    fc.assert(
      fc.property(
        bounds,
        fc.nat(200_000),
        fc.nat(200_000_000),
        (certificate, maxEnergyWh, maxAmountMicro) => {
          const signed = signedWish({ ...wishes, maxEnergyWh, maxAmountMicro }, certificate);
          expect(signed.maxEnergyWh).toBe(Math.min(maxEnergyWh, certificate.maxEnergyWh));
          expect(signed.maxAmountMicro).toBe(Math.min(maxAmountMicro, certificate.maxAmountMicro));
          expect(signed.mayDischarge).toBe(certificate.mayDischarge);
          expect(signed).toMatchObject({
            mode: 'cheapest',
            leaveAt: wishes.leaveAt,
            reserveWh: 15_000,
            targetWh: 30_000,
          });
        },
      ),
    );
  });

  test('without a certificate is what was wished, without giving back', () => {
    expect(signedWish(wishes, undefined)).toMatchObject({ maxEnergyWh: 60_000, mayDischarge: false });
  });
});

describe('a charge that goes on', () => {
  test('has a sample for each time, in order, and none twice', () => {
    const charged = [5, 9, 9, 7, 12].reduce((before, at) => withStatus(before, status(at)), record('0x1', 1));
    expect(charged.samples.map(({ at }) => at)).toEqual([5, 9, 12]);
    expect(charged).toMatchObject({ state: 'running', status: { at: 12 } });
    expect(withStatus(charged, status(13, 'ended')).state).toBe('ended');
  });

  test('keeps a curve of bounded length from its beginning to now, however long it lasts', () => {
    let charged = record('0x1', 1);
    for (let at = 1; at <= 3_000; at += 1) {
      charged = withStatus(charged, status(at));
      expect(charged.samples.length).toBeLessThanOrEqual(400);
    }
    expect(charged.samples[0]?.at).toBe(1);
    expect(charged.samples.at(-1)?.at ?? 0).toBeGreaterThan(2_990);
    const times = charged.samples.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('is open until there is a receipt or a refusal', () => {
    expect(isOpen(record('0x1', 1))).toBe(true);
    expect(isOpen(record('0x1', 1, { refusal: { refusal: 'no-charge', detail: '' } }))).toBe(false);
    expect(isOpen(record('0x1', 1, { evidence: {} as never }))).toBe(false);
  });
});

test('charges are kept by their authorization and listed the latest first', async () => {
  const store = memoryStore();
  await saveCharge(store, record('0x1', 5));
  await saveCharge(store, record('0x2', 9));
  await saveCharge(store, record('0x3', 7));
  await saveCharge(store, record('0x1', 5, { pointName: 'Hof 3' }));
  await store.put('charges', 7);
  expect((await listCharges(store)).map(({ authorizationId }) => authorizationId)).toEqual([
    '0x2',
    '0x3',
    '0x1',
  ]);
  expect((await chargeById(store, '0x1'))?.pointName).toBe('Hof 3');
  expect(await chargeById(store, '0x9')).toBeUndefined();
});
