import type { Evidence } from '@p2p-power/protocol/Evidence';
import { price } from '@p2p-power/tariff/price';
import { accept, type Result } from '@p2p-power/tariff/Result';
import type { ProviderContext } from '../ProviderContext.ts';
import { type AllPagesRefusal, readAllPages, type StatementPages, statementPages } from './keysetPages.ts';
import type { CsvForm } from './printCsv.ts';
import { kwhCell, microCell, printCsv, timeCell } from './printCsv.ts';
import { type DriverPeriod, readDriverCharges } from './readDriverCharges.ts';
import type { DriverCharge, DriverStatement, StatementLine } from './StatementSchemas.ts';

/**
 * A driver's statement of a period, oldest charge first: each line priced anew from its evidence, so
 * that it explains itself, and what is owed is what the station signed. It holds all charges of the
 * period or is refused: a sum never leaves out a line.
 */
export async function driverStatement(
  context: Pick<ProviderContext, 'db' | 'config'>,
  period: DriverPeriod & { readonly driverName: string | null },
  pages: StatementPages = statementPages,
): Promise<Result<DriverStatement, AllPagesRefusal>> {
  const read = await readAllPages(async (page) => {
    const { rows } = await readDriverCharges(context.db, period, page);
    return rows.map((row) => explain(row.charge, JSON.parse(row.evidence) as Evidence));
  }, pages);
  if (!read.ok) return read;
  const lines = [...read.value];
  const sum = (amount: (line: StatementLine) => number) =>
    lines.reduce((total, line) => total + amount(line), 0);
  const chargeMicro = sum((line) => line.chargeMicro);
  const creditMicro = sum((line) => line.creditMicro);
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
    totalMicro: chargeMicro - creditMicro,
  });
}

/**
 * A charge with its price lines. Where the driver's bound lies below the tariff's price, tax is the same
 * share of what is charged as it was of the price, rounded half up.
 */
export function explain(charge: DriverCharge, evidence: Evidence): StatementLine {
  const priced = price(evidence.tariff, { timeZone: charge.timeZone, readings: evidence.readings });
  const full = BigInt(priced.inclVatMicro);
  const vatMicro =
    full === 0n
      ? 0
      : Number((BigInt(priced.vatMicro) * BigInt(charge.chargeMicro) * 2n + full) / (2n * full));
  return {
    ...charge,
    exclVatMicro: charge.chargeMicro - vatMicro,
    vatMicro,
    reductionMicro: priced.inclVatMicro - charge.chargeMicro,
    limit: priced.limit ?? null,
    priceLines: [...priced.lines],
  };
}

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
        microCell(line.chargeMicro - line.creditMicro),
        line.currency,
        line.cdrId,
      ];
    }),
    form,
  );
}
