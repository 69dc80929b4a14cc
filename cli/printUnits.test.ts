import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printAmount, printEnergy, printHash, printTime } from './printUnits.ts';

test('amounts are exact with two decimals or more', () => {
  expect(printAmount(4_213_500, 'EUR')).toBe('4.2135 EUR');
  expect(printAmount(0, 'EUR')).toBe('0.00 EUR');
  expect(printAmount(1, 'EUR')).toBe('0.000001 EUR');
  expect(printAmount(-12_300_000n, 'EUR')).toBe('-12.30 EUR');
});

test('an amount read back is the amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (micro) => {
      const [units = '', decimals = ''] =
        printAmount(micro, 'EUR').replace('-', '').split(' ')[0]?.split('.') ?? [];
      expect(decimals.length).toBeGreaterThanOrEqual(2);
      const magnitude = BigInt(units) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
      expect(micro < 0n ? -magnitude : magnitude).toBe(micro);
    }),
  );
});

test('energy, times and hashes are short and plain', () => {
  expect(printEnergy(4_200)).toBe('4.200 kWh');
  expect(printEnergy(7n)).toBe('0.007 kWh');
  expect(printTime(1_795_364_595)).toBe('2026-11-22 16:23:15 UTC');
  expect(printHash(`0x1a2b3c4d${'0'.repeat(52)}90ab`)).toBe('0x1a2b3c4d…90ab');
  expect(printHash('0x12')).toBe('0x12');
});
