import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBankAccount, parseIban } from './BankAccount.ts';
import { toSepaText } from './sepaText.ts';
import { testIbans } from './testing/printNotification.ts';

describe('an IBAN', () => {
  test('is read with blanks and small letters', () => {
    expect(parseIban('de87 1234 5678 1234 5678 90')).toEqual({ ok: true, value: testIbans[0] });
    for (const iban of testIbans) expect(parseIban(iban)).toEqual({ ok: true, value: iban });
  });

  test('with any one digit changed, two exchanged, one lost or added is none', () => {
    const digit = fc.integer({ min: 4, max: 21 });
    fc.assert(
      fc.property(digit, fc.integer({ min: 1, max: 9 }), (at, by) => {
        const iban = testIbans[0];
        const changed = (Number(iban[at]) + by) % 10;
        expect(parseIban(`${iban.slice(0, at)}${changed}${iban.slice(at + 1)}`).ok).toBe(false);
        expect(parseIban(iban.slice(0, at) + iban.slice(at + 1)).ok).toBe(false);
        expect(parseIban(`${iban}${changed}`).ok).toBe(false);
        const next = iban[at + 1] ?? iban[at];
        if (next !== iban[at])
          expect(parseIban(iban.slice(0, at) + next + iban[at] + iban.slice(at + 2)).ok).toBe(false);
      }),
    );
  });

  test('of a country outside the area, or of nonsense, is none', () => {
    for (const text of ['', 'DE', 'SA0380000000608010167519', 'DE00123456781234567890', '<script>'])
      expect(parseIban(text)).toMatchObject({ ok: false, refusal: 'iban-invalid' });
    fc.assert(fc.property(fc.string(), (text) => typeof parseIban(text).ok === 'boolean'));
  });
});

test('an account has a name in the banks’ characters, and a BIC of the same country or none', () => {
  const account = { name: 'Stadtwerke Köln & Söhne GmbH', iban: testIbans[0] };
  expect(parseBankAccount(account)).toEqual({
    ok: true,
    value: { name: 'Stadtwerke Koeln + Soehne GmbH', iban: testIbans[0] },
  });
  expect(parseBankAccount({ ...account, bic: 'cobadeff xxx' })).toMatchObject({
    value: { bic: 'COBADEFFXXX' },
  });
  expect(parseBankAccount({ ...account, bic: 'COBAFRFF' })).toMatchObject({ refusal: 'bic-invalid' });
  expect(parseBankAccount({ ...account, bic: 'COBA' })).toMatchObject({ refusal: 'bic-invalid' });
  expect(parseBankAccount({ ...account, name: '日本' })).toMatchObject({ refusal: 'account-holder-missing' });
  expect(parseBankAccount({ ...account, iban: 'DE1' })).toMatchObject({ refusal: 'iban-invalid' });
});

test('any text becomes one that banks take, and such a text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 140 }), (text, most) => {
      const made = toSepaText(text, most);
      expect(made).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]*$/);
      expect(made.length).toBeLessThanOrEqual(most);
      expect(made).not.toMatch(/\/\/|^[/ ]|[/ ]$/);
      expect(toSepaText(made, most)).toBe(made);
    }),
  );
  expect(toSepaText('Žižkov – Łódź // ß', 70)).toBe('Zizkov - Lodz / ss');
});
