import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { validateIBAN } from 'sepa';
import { z } from 'zod';
import { toSepaText } from './sepaText.ts';

/** A bank account as payment files name it. */
export interface BankAccount {
  /** Of its holder, in the characters that banks pass on; at most 70. */
  readonly name: string;
  /** ISO 13616, without spaces. */
  readonly iban: string;
  /** ISO 9362; banks in the euro area find it by themselves. */
  readonly bic?: string;
}

export type BankAccountRefusal = 'iban-invalid' | 'bic-invalid' | 'account-holder-missing';

export const bankAccountSchema = z.strictObject({
  name: z.string().trim().min(1).max(70).meta({ description: 'Of the account’s holder' }),
  iban: z.string().max(50).meta({ description: 'ISO 13616; spaces do no harm' }),
  bic: z.string().max(11).optional().meta({ description: 'ISO 9362' }),
});

/** Lengths of IBANs in the Single Euro Payments Area (EPC409-09), by country. */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AL28 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 ' +
    'IT27 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PL28 PT25 RO24 RS22 SE24 SI19 SK24 SM27 VA22'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** An IBAN of the Single Euro Payments Area: country, length, check digits (ISO 7064 mod 97-10). */
export function parseIban(text: string): Result<string, 'iban-invalid'> {
  const iban = text.replaceAll(/\s/g, '').toUpperCase();
  const isFormed = /^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban);
  if (!isFormed || ibanLengths[iban.slice(0, 2)] !== iban.length || !validateIBAN(iban))
    return refuse('iban-invalid', 'this is no IBAN of a country that takes part in SEPA');
  return accept(iban);
}

/** An account as somebody typed or sent it. */
export function parseBankAccount(account: {
  readonly name: string;
  readonly iban: string;
  readonly bic?: string | undefined;
}): Result<BankAccount, BankAccountRefusal> {
  const iban = parseIban(account.iban);
  if (!iban.ok) return iban;
  const name = toSepaText(account.name, 70);
  if (name === '') return refuse('account-holder-missing', 'the account’s holder has no readable name');
  const bic = account.bic?.replaceAll(/\s/g, '').toUpperCase();
  if (bic === undefined || bic === '') return accept({ name, iban: iban.value });
  if (!/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic))
    return refuse('bic-invalid', 'this is no BIC');
  if (bic.slice(4, 6) !== iban.value.slice(0, 2))
    return refuse('bic-invalid', 'BIC and IBAN are of different countries');
  return accept({ name, iban: iban.value, bic });
}

/** The last four characters, by which people tell accounts apart without seeing them. */
export const ibanEnd = (iban: string): string => iban.slice(-4);
