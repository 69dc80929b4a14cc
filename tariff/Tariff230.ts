import type { Result } from './Result.ts';
import {
  decimal,
  items,
  type JsonRefusal,
  members,
  oneOf,
  readJson,
  reportAt,
  signedDecimal,
  text,
} from './readJson.ts';
import type { PriceTotals } from './sumPrice.ts';
import {
  type OcpiTariffJson,
  printBody,
  printLimit,
  readTariff,
  TARIFF_BOUNDS,
  type Tariff,
  type TariffRefusal,
} from './Tariff.ts';

/** A least or most amount as OCPI 2.3.0 JSON (mod_tariffs, PriceLimit). */
export interface OcpiPriceLimitJson {
  readonly before_taxes: number;
  readonly after_taxes?: number;
}

/** A tariff as OCPI 2.3.0 JSON (mod_tariffs, Tariff object), without its energy mix. */
export interface OcpiTariff230Json extends Omit<OcpiTariffJson, 'min_price' | 'max_price'> {
  readonly min_price?: OcpiPriceLimitJson;
  readonly max_price?: OcpiPriceLimitJson;
  readonly tax_included: TaxIncluded;
}

type TaxIncluded = 'YES' | 'NO' | 'N/A';

/**
 * Reads a tariff from untrusted OCPI 2.3.0 JSON. As that version asks, fields that are not known are
 * passed over; an unknown restriction or dimension is refused all the same, for it would change what is
 * owed. A tariff to which no taxes apply may not name a rate above 0.
 */
export function parseTariff230(
  ocpiJson: unknown,
  options: { readonly receivedAt?: number } = {},
): Result<Tariff, TariffRefusal> {
  return readJson<Tariff, TariffRefusal>(ocpiJson, (root) => {
    const taxIncluded = oneOf(members(root).required('tax_included'), ['NO', 'YES', 'N/A']);
    const tariff = readTariff(root, {
      ...options,
      excl: 'before_taxes',
      incl: 'after_taxes',
      isOpen: true,
    });
    if (taxIncluded === 'NO') return tariff;
    if (taxIncluded === 'YES') return { ...tariff, taxes: 'included' };
    const isTaxed = tariff.elements.some(({ priceComponents }) =>
      priceComponents.some(({ vatBp = 0 }) => vatBp > 0),
    );
    if (isTaxed) reportAt(root, 'taxes-contradict', 'a price has vat though no taxes apply');
    return { ...tariff, taxes: 'none' };
  });
}

/** A tariff as OCPI 2.3.0 JSON; `parseTariff230` gives the same tariff back. */
export function printTariff230(tariff: Tariff): OcpiTariff230Json {
  const { minPrice, maxPrice, taxes } = tariff;
  return {
    ...printBody(tariff),
    ...(minPrice && { min_price: printLimit(minPrice, 'before_taxes', 'after_taxes') }),
    ...(maxPrice && { max_price: printLimit(maxPrice, 'before_taxes', 'after_taxes') }),
    tax_included: taxes === undefined ? 'NO' : taxes === 'included' ? 'YES' : 'N/A',
  };
}

/** A price as OCPI 2.3.0 JSON (types, Price and TaxAmount). */
export interface OcpiPrice230Json {
  readonly before_taxes: number;
  readonly taxes: readonly {
    readonly name: string;
    readonly account_number?: string;
    readonly percentage: number;
    readonly amount: number;
  }[];
}

/** A price as another party says it: before taxes, and each tax on it, whose rate it need not name. */
export interface StatedPrice {
  readonly exclVatMicro: number;
  readonly taxes: readonly {
    readonly name: string;
    readonly accountNumber?: string;
    readonly vatBp?: number;
    readonly amountMicro: number;
  }[];
}

/** Reads a price from untrusted OCPI 2.3.0 JSON. Amounts may be negative, as in a Credit CDR. */
export function parsePrice230(ocpiJson: unknown): Result<StatedPrice, JsonRefusal> {
  return readJson<StatedPrice, JsonRefusal>(ocpiJson, (root) => {
    const price = members(root);
    const taxes = price.optional('taxes');
    return {
      exclVatMicro: signedDecimal(price.required('before_taxes'), MICRO_DECIMALS, LARGEST_PRICE),
      taxes: (taxes === undefined ? [] : items(taxes, 0, MOST_TAXES)).map((field) => {
        const tax = members(field);
        const account = tax.optional('account_number');
        const percentage = tax.optional('percentage');
        return {
          name: text(tax.required('name'), NAME, '1 to 100 characters without controls'),
          ...(account && { accountNumber: text(account, NAME, '1 to 100 characters without controls') }),
          ...(percentage && { vatBp: decimal(percentage, 2, TARIFF_BOUNDS.vatPercent) }),
          amountMicro: signedDecimal(tax.required('amount'), MICRO_DECIMALS, LARGEST_PRICE),
        };
      }),
    };
  });
}

const MICRO_DECIMALS = 6;
/** In units of the currency: as micro-units it is still counted exactly. */
const LARGEST_PRICE = 1_000_000_000;
const MOST_TAXES = 100;
const NAME = /^\P{Cc}{1,100}$/u;

/** What a session costs as OCPI 2.3.0 JSON; `name` is what the tax is called, e.g. `VAT`, and one account remits it. */
export function printPrice230(
  { exclVatMicro, taxes }: Pick<PriceTotals, 'exclVatMicro' | 'taxes'>,
  { name, accountNumber }: { readonly name: string; readonly accountNumber?: string },
): OcpiPrice230Json {
  return {
    before_taxes: exclVatMicro / 1_000_000,
    taxes: taxes.map(({ vatBp, amountMicro }) => ({
      name,
      ...(accountNumber !== undefined && { account_number: accountNumber }),
      percentage: vatBp / 100,
      amount: amountMicro / 1_000_000,
    })),
  };
}
