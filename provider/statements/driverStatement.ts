import type { Evidence } from '@p2p-power/protocol/Evidence';
import { explain as explainPrice } from '@p2p-power/tariff/explain';
import { accept, type Result } from '@p2p-power/tariff/Result';
import { addParts, type TaxPart, taxParts } from '@p2p-power/tariff/taxParts';
import type { Language } from '@p2p-power/tariff/words';
import type { ProviderContext } from '../ProviderContext.ts';
import { chargedPrice } from './chargedPrice.ts';
import { type AllPagesRefusal, readAllPages, type StatementPages, statementPages } from './keysetPages.ts';
import type { CsvCell, CsvForm } from './printCsv.ts';
import { kwhCell, microCell, printCsv, printDecimal, timeCell } from './printCsv.ts';
import { type DriverPeriod, readDriverCharges } from './readDriverCharges.ts';
import type { ChargeSplit, DriverCharge, DriverStatement, StatementLine } from './StatementSchemas.ts';

/**
 * A driver's statement of a period, oldest charge first: each line priced anew from its evidence, so
 * that it explains itself, and what is owed is what the station signed. It holds all charges of the
 * period or is refused: a sum never leaves out a line.
 */
export async function driverStatement(
  context: Pick<ProviderContext, 'db' | 'config'>,
  period: DriverPeriod & { readonly driverName: string | null; readonly language?: Language },
  pages: StatementPages = statementPages,
): Promise<Result<DriverStatement, AllPagesRefusal>> {
  const read = await readAllPages(async (page) => {
    const { rows } = await readDriverCharges(context.db, period, page);
    return rows.map((row) => explain(row.charge, JSON.parse(row.evidence) as Evidence, period.language));
  }, pages);
  if (!read.ok) return read;
  const lines = [...read.value];
  const sum = (amount: (line: StatementLine) => number) =>
    lines.reduce((total, line) => total + amount(line), 0);
  const chargeMicro = sum((line) => line.chargeMicro);
  const creditMicro = sum((line) => line.creditMicro);
  const promotionMicro = sum((line) => line.promotionMicro);
  return accept({
    providerId: context.config.providerId,
    providerName: context.config.name,
    driverName: period.driverName,
    from: period.from,
    to: period.to,
    currency: context.config.currency,
    lines,
    count: lines.length,
    importedWh: sum((line) => line.importedWh),
    exportedWh: sum((line) => line.exportedWh),
    chargeMicro,
    exclVatMicro: sum((line) => line.exclVatMicro),
    vatMicro: sum((line) => line.vatMicro),
    creditMicro,
    promotionMicro,
    promotionVatMicro: sum((line) => line.promotionVatMicro),
    owedTaxes: [...addParts(lines.flatMap((line) => line.owedTaxes))],
    owedVatMicro: sum((line) => line.owedVatMicro),
    split: sumOfSplits(lines),
    totalMicro: chargeMicro - creditMicro - promotionMicro,
  });
}

/** The parts of all charges; null where one of them was not split, or there is none. */
function sumOfSplits(lines: readonly StatementLine[]): ChargeSplit | null {
  if (lines.length === 0 || lines.some(({ split }) => split === null)) return null;
  const sum = (part: keyof ChargeSplit) =>
    lines.reduce((total, { split }) => total + (split?.[part] ?? 0), 0);
  return {
    energyMicro: sum('energyMicro'),
    infrastructureMicro: sum('infrastructureMicro'),
    gridMicro: sum('gridMicro'),
    leviesMicro: sum('leviesMicro'),
    vatMicro: sum('vatMicro'),
  };
}

/**
 * A charge with its price lines, its tax before and after promotions, and in words. A promotion that lowered the price lowers
 * the tax by what was kept with it when it was billed; one without tax leaves it.
 */
export function explain(charge: DriverCharge, evidence: Evidence, language: Language = 'en'): StatementLine {
  const charged = chargedPrice(evidence);
  const { exclVatMicro, vatMicro, reductionMicro, priced } = charged;
  const taxes = taxParts(charged);
  const lowered = charge.promotions.flatMap((promotion) => promotion.taxes ?? []);
  const promotionVatMicro = vatOf(lowered);
  return {
    ...charge,
    taxes: [...taxes],
    promotionVatMicro,
    owedTaxes: [...addParts(taxes, lowered)],
    owedVatMicro: vatMicro - promotionVatMicro,
    exclVatMicro,
    vatMicro,
    reductionMicro,
    limit: priced.limit ?? null,
    priceLines: [...priced.lines],
    areLinesTaxed: priced.areLinesTaxed === true,
    explanation: [...explainPrice(priced, language, charge.timeZone)],
  };
}

const vatOf = (parts: readonly TaxPart[]) => parts.reduce((sum, part) => sum + part.vatMicro, 0);

const splitParts = ['energyMicro', 'infrastructureMicro', 'gridMicro', 'leviesMicro', 'vatMicro'] as const;

const columns = [
  'started_at',
  'ended_at',
  'evse_id',
  'place',
  'operator_provider',
  'imported_kwh',
  'exported_kwh',
  'energy_amount',
  'time_amount',
  'parking_amount',
  'flat_amount',
  'reduction',
  'net',
  'vat',
  'charge',
  'credit',
  'total',
  'currency',
  'cdr_id',
  'promotion',
  'split_energy',
  'split_infrastructure',
  'split_grid',
  'split_levies',
  'split_vat',
  'promotion_vat',
  'owed_vat',
];

/** The statement as CSV: a row a charge, amounts in the currency with six decimals; docs/clearing.md names the columns. */
export function printDriverStatement(statement: DriverStatement, form: CsvForm): string {
  return printCsv(
    columns,
    statement.lines.map((line) => {
      const of = (component: string) =>
        microCell(
          line.priceLines
            .filter((priceLine) => priceLine.component === component)
            .reduce((sum, priceLine) => sum + priceLine.amountMicro, 0),
        );
      return [
        timeCell(line.startedAt),
        timeCell(line.endedAt),
        line.evseId,
        line.place,
        line.operatorProvider,
        kwhCell(line.importedWh),
        kwhCell(line.exportedWh),
        of('ENERGY'),
        of('TIME'),
        of('PARKING_TIME'),
        of('FLAT'),
        microCell(line.reductionMicro),
        microCell(line.exclVatMicro),
        microCell(line.vatMicro),
        microCell(line.chargeMicro),
        microCell(line.creditMicro),
        microCell(line.chargeMicro - line.creditMicro - line.promotionMicro),
        line.currency,
        line.cdrId,
        microCell(line.promotionMicro),
        ...splitParts.map((part) => (line.split === null ? null : microCell(line.split[part]))),
        microCell(line.promotionVatMicro),
        microCell(line.owedVatMicro),
      ];
    }),
    form,
  );
}

const taxColumns = ['ended_at', 'cdr_id', 'kind', 'title', 'vat_percent', 'net', 'vat', 'gross', 'currency'];

/**
 * The statement's tax as CSV: of each charge a row for each rate, and for each of a promotion, which is taken off. A promotion
 * that lowered no price has no rate. All rows of `gross` add up to charges less promotions, all of `vat` to what is owed of it.
 */
export function printDriverTaxes(statement: DriverStatement, form: CsvForm): string {
  const rows = statement.lines.flatMap((line) => {
    const row = (kind: string, title: string | null, sign: 1 | -1, part: TaxPart): readonly CsvCell[] => [
      timeCell(line.endedAt),
      line.cdrId,
      kind,
      title,
      { decimal: printDecimal(part.vatBp, 2) },
      microCell(sign * part.exclVatMicro),
      microCell(sign * part.vatMicro),
      microCell(sign * (part.exclVatMicro + part.vatMicro)),
      line.currency,
    ];
    const paid = (title: string, amountMicro: number): readonly CsvCell[] => [
      timeCell(line.endedAt),
      line.cdrId,
      'payment',
      title,
      null,
      null,
      null,
      microCell(-amountMicro),
      line.currency,
    ];
    return [
      ...line.taxes.map((part) => row('charge', null, 1, part)),
      ...line.promotions.flatMap(({ title, amountMicro, taxes }) =>
        taxes === null ? [paid(title, amountMicro)] : taxes.map((part) => row('promotion', title, -1, part)),
      ),
    ];
  });
  return printCsv(taxColumns, rows, form);
}
