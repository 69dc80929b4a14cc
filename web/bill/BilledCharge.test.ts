import { buildEvidence, dawn, makeDriver, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChargeRecord } from '../charge/ChargeRecord.ts';
import { mergeCharges, parseBilledCharges, parseRefusedCharges } from './BilledCharge.ts';

const billed = (cdrId: string, authorizationId: string, startedAt: number) => ({
  cdrId,
  authorizationId,
  evseId: 'DEBBBE1',
  place: 'Garage, Berlin',
  startedAt,
  endedAt: startedAt + 60,
  importedWh: 5_000,
  chargeMicro: 2_000_000,
  currency: 'EUR',
});

test('what is no charge is left out of the provider’s answer', () => {
  const answer = { charges: [billed('0x1', '0xa', 10), { cdrId: 1 }, null, 'x'] };
  expect(parseBilledCharges(answer)).toMatchObject([{ cdrId: '0x1', pointName: 'Garage, Berlin' }]);
  for (const nonsense of [undefined, null, 1, 'x', [], {}, { charges: 'x' }])
    expect(parseBilledCharges(nonsense)).toEqual([]);
});

test('a charge with amounts that are none is left out or counts as nothing', () => {
  const spoilt = (changes: object) =>
    parseBilledCharges({ charges: [{ ...billed('0x1', '0xa', 10), ...changes }] });
  for (const wrong of [-1, 0.5, '7', Number.NaN, 2 ** 60]) {
    expect(spoilt({ chargeMicro: wrong })).toEqual([]);
    expect(spoilt({ startedAt: wrong })).toEqual([]);
    expect(spoilt({ importedWh: wrong, endedAt: wrong })).toMatchObject([{ importedWh: 0, endedAt: 10 }]);
  }
});

test('a charge is told in the time zone of its point, where the provider names one that is known', () => {
  const zoneOf = (timeZone: unknown) =>
    mergeCharges([], parseBilledCharges({ charges: [{ ...billed('0x1', '0xa', 10), timeZone }] }))[0]
      ?.timeZone;
  expect(zoneOf('Europe/Lisbon')).toBe('Europe/Lisbon');
  for (const nonsense of ['Europe/Nowhere', '', 7, undefined]) expect(zoneOf(nonsense)).toBeUndefined();
});

test('what the provider refused is listed with its reason, unless the right account of it is on the bill', () => {
  const refused = { ...billed('0x2', '0xb', 20), refusal: 'charge-mismatch', detail: 'too much' };
  const answer = {
    charges: [billed('0x1', '0xa', 10)],
    refused: [refused, { ...refused, refusal: 1 }, null],
  };
  const listed = mergeCharges([], parseBilledCharges(answer), parseRefusedCharges(answer));
  expect(listed).toMatchObject([
    { id: '0x2', state: 'refused', refusal: { refusal: 'charge-mismatch', detail: 'too much' } },
    { id: '0x1', state: 'billed' },
  ]);
  const right = [billed('0x3', '0xb', 20)];
  expect(mergeCharges([], parseBilledCharges({ charges: right }), parseRefusedCharges(answer))).toMatchObject(
    [{ id: '0x3', state: 'billed' }],
  );
  for (const nonsense of [undefined, {}, { refused: 'x' }]) expect(parseRefusedCharges(nonsense)).toEqual([]);
});

describe('charges of this phone and of the provider', () => {
  const record = async (changes: Partial<ChargeRecord>): Promise<ChargeRecord> => {
    const { evidence } = await someEvidence();
    return {
      authorizationId: '0xaa',
      networkId,
      authorization: evidence.authorization,
      driverCertificate: (await makeDriver(makeProvider())).certificate,
      evseId: 'DEBBBE1',
      pointName: 'Garage',
      address: '',
      linkUrl: 'ws://station/link',
      currency: 'EUR',
      maxPowerW: 11_000,
      signedAt: dawn,
      state: 'running',
      samples: [],
      ...changes,
    };
  };
  const someEvidence = async () => ({ evidence: await buildEvidence() });

  test('say that the provider refused the account of a charge of this phone', async () => {
    const { evidence } = await someEvidence();
    const ended = await record({ state: 'ended', evidence });
    const refused = { ...billed('0x1', '0xaa', dawn), refusal: 'charge-mismatch', detail: '' };
    expect(mergeCharges([ended], [], parseRefusedCharges({ refused: [refused] }))).toMatchObject([
      { id: '0xaa', state: 'refused', refusal: { refusal: 'charge-mismatch' } },
    ]);
  });

  test('are one line where they are the same charge', async () => {
    const { evidence } = await someEvidence();
    const ended = await record({ state: 'ended', evidence });
    const { startedAt, chargeMicro, importedWh } = evidence.cdr.value;
    expect(mergeCharges([ended], [])).toMatchObject([
      { id: '0xaa', state: 'receipt', at: startedAt, amountMicro: chargeMicro, energyWh: importedWh },
    ]);
    const merged = mergeCharges([ended], parseBilledCharges({ charges: [billed('0x1', '0xaa', startedAt)] }));
    expect(merged).toMatchObject([{ id: '0xaa', name: 'Garage', state: 'billed' }]);
  });

  test('are listed from other phones too, the latest first', async () => {
    const running = await record({});
    const merged = mergeCharges(
      [running],
      parseBilledCharges({ charges: [billed('0x1', '0xbb', dawn - 5), billed('0x2', '0xcc', dawn + 5)] }),
    );
    expect(merged.map(({ id, state }) => `${id} ${state}`)).toEqual([
      '0x2 billed',
      '0xaa running',
      '0x1 billed',
    ]);
  });

  test('are each there exactly once, with the sums of the bill, whatever the phone knows of them', async () => {
    const { evidence } = await someEvidence();
    const ended = await record({ state: 'ended', evidence });
    const { chargeMicro } = evidence.cdr.value;
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, (onPhone, atProvider) => {
        const records = onPhone.map((id): ChargeRecord => ({ ...ended, authorizationId: `0x${id}` }));
        const rows = atProvider.map((id) => ({ ...billed(`cdr-${id}`, `0x${id}`, dawn + id), chargeMicro }));
        const merged = mergeCharges(records, parseBilledCharges({ charges: rows }));
        const everything = new Set([...onPhone, ...atProvider]);
        expect(merged.length).toBe(everything.size);
        expect(new Set(merged.map(({ id }) => id.replace(/^(0x|cdr-)/, ''))).size).toBe(everything.size);
        const onBill = merged.filter(({ state }) => state === 'billed');
        expect(onBill.length).toBe(atProvider.length);
        expect(onBill.reduce((sum, { amountMicro }) => sum + amountMicro, 0)).toBe(
          atProvider.length * chargeMicro,
        );
        expect(merged.map(({ at }) => at)).toEqual(merged.map(({ at }) => at).sort((a, b) => b - a));
      }),
    );
  });

  test('of another phone without an authorization stand alone, and none swallows another', () => {
    const { authorizationId: _, ...nameless } = billed('0x1', '', dawn);
    const rows = [nameless, { ...nameless, cdrId: '0x2' }];
    expect(mergeCharges([], parseBilledCharges({ charges: rows })).map(({ id }) => id)).toEqual([
      '0x1',
      '0x2',
    ]);
  });

  test('that came to nothing are not listed', async () => {
    const nothing = await record({ state: 'ended', refusal: { refusal: 'no-charge', detail: '' } });
    expect(mergeCharges([nothing, await record({ state: 'asked' })], [])).toMatchObject([{ state: 'asked' }]);
  });
});
