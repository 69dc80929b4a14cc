import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { TaxPart } from '@p2p-power/tariff/taxParts';

/** The parts of a charge as a provider states them, in the order of a bill. */
export const splitParts = ['energy', 'infrastructure', 'grid', 'levies', 'vat'] as const;

/** What of an amount is for what, micro-units; the parts add up to it. */
export type ChargeSplit = Readonly<Record<(typeof splitParts)[number], number>>;

/** What a provider bears of its customer's charge, micro-units. */
export interface Promotion {
  readonly title: string;
  readonly amountMicro: number;
  /** The amount by rate of tax; none where the discount was a payment, and lowered no tax. */
  readonly taxes: readonly TaxPart[];
}

/** A split out of untrusted JSON; undefined where there is none, or where it does not add up to the amount. */
export function parseSplit(json: unknown, amountMicro: number): ChargeSplit | undefined {
  if (!isRecord(json)) return undefined;
  const amounts = splitParts.map((part) => json[`${part}Micro`]);
  if (!amounts.every((amount): amount is number => Number.isSafeInteger(amount))) return undefined;
  if (amounts.reduce((sum, amount) => sum + amount, 0) !== amountMicro) return undefined;
  return Object.fromEntries(
    splitParts.map((part, index) => [part, amounts[index] as number]),
  ) as unknown as ChargeSplit;
}

/** The promotions of a charge out of untrusted JSON; what is none is left out. */
export function parsePromotions(json: unknown): readonly Promotion[] {
  return (Array.isArray(json) ? json : []).flatMap((row: unknown): Promotion[] => {
    if (!isRecord(row) || typeof row.title !== 'string') return [];
    const { title, amountMicro } = row;
    if (!Number.isSafeInteger(amountMicro) || (amountMicro as number) <= 0) return [];
    const taxes = parseTaxes(row.taxes, amountMicro as number);
    return [{ title: title.slice(0, 120), amountMicro: amountMicro as number, taxes }];
  });
}

/** The parts of a discount by rate of tax out of untrusted JSON; none where they do not add up to it. */
function parseTaxes(json: unknown, amountMicro: number): readonly TaxPart[] {
  const parts = (Array.isArray(json) ? json : []).flatMap((row: unknown): TaxPart[] => {
    if (!isRecord(row)) return [];
    const { vatBp, exclVatMicro, vatMicro } = row;
    return isAmount(vatBp) && isAmount(exclVatMicro) && isAmount(vatMicro)
      ? [{ vatBp, exclVatMicro, vatMicro }]
      : [];
  });
  const sum = parts.reduce((total, part) => total + part.exclVatMicro + part.vatMicro, 0);
  return sum === amountMicro ? parts : [];
}

/** What the driver's provider states of one charge: `GET /me/charges/{cdrId}/bill`. */
export interface ChargeBill {
  readonly chargeMicro: number;
  readonly creditMicro: number;
  readonly promotions: readonly Promotion[];
  readonly split?: ChargeSplit;
  /** The tax in what the charge costs less promotions. */
  readonly owedVatMicro?: number;
}

/** The bill of one charge out of untrusted JSON. */
export function parseChargeBill(json: unknown): ChargeBill | undefined {
  if (!isRecord(json)) return undefined;
  const { chargeMicro, creditMicro = 0, owedVatMicro } = json;
  if (!isAmount(chargeMicro) || !isAmount(creditMicro)) return undefined;
  const split = parseSplit(json.split, chargeMicro);
  return {
    chargeMicro,
    creditMicro,
    promotions: parsePromotions(json.promotions),
    ...(split !== undefined && { split }),
    ...(isAmount(owedVatMicro) && { owedVatMicro }),
  };
}

/** What the driver pays in the end: the charge less promotions and credit. */
export function owedMicro({ chargeMicro, creditMicro, promotions }: ChargeBill): number {
  return promotions.reduce((left, { amountMicro }) => left - amountMicro, chargeMicro - creditMicro);
}

const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
