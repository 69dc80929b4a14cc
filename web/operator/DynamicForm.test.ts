import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dynamicFormOf, dynamicTermsOf, newDynamicForm } from './DynamicForm.ts';

const terms: fc.Arbitrary<DynamicTerms> = fc
  .record({
    area: fc.constantFrom('AT', 'DE-LU', 'own.tariff_7'),
    factorPerMille: fc.integer({ min: 0, max: 10_000 }),
    marginMicro: fc.integer({ min: -900_000, max: 900_000 }),
    bounds: fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 3, maxLength: 3 }),
    hasFallback: fc.boolean(),
    maxAgeS: fc.integer({ min: 1, max: 31 * 86_400 }),
  })
  .map(({ bounds, hasFallback, ...others }) => {
    const [floorMicro, fallbackMicro, capMicro] = bounds.toSorted((a, b) => a - b) as [
      number,
      number,
      number,
    ];
    return { ...others, floorMicro, capMicro, ...(hasFallback && { fallbackMicro }) };
  });

test('terms become a form and the same terms again', () => {
  fc.assert(
    fc.property(terms, (given) => {
      expect(dynamicTermsOf(dynamicFormOf(given))).toEqual({ ok: true, value: given });
    }),
  );
});

test('what is proposed at first is sound for every price, and never above it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000_000 }), (energyMicro) => {
      const proposed = dynamicTermsOf(newDynamicForm('AT', energyMicro));
      expect(proposed).toMatchObject({ ok: true, value: { capMicro: energyMicro } });
    }),
  );
});

describe('refused by name', () => {
  const form = newDynamicForm('AT', 390_000);
  test.each([
    ['a margin not typed', { ...form, marginMicro: null }, 'number-missing'],
    ['a fallback that is no number', { ...form, fallbackMicro: null }, 'number-missing'],
    ['a floor above the cap', { ...form, floorMicro: 400_000 }, 'floor-above-cap'],
    ['a fallback above the cap', { ...form, fallbackMicro: 400_000 }, 'fallback-out-of-bounds'],
  ])('%s', (_name, wrong, refusal) => {
    expect(dynamicTermsOf(wrong)).toMatchObject({ ok: false, refusal });
  });

  test('no area', () => {
    expect(dynamicTermsOf({ ...form, area: '  ' }).ok).toBe(false);
  });
});
