import { accept, type Result } from '@p2p-power/tariff/Result';
import type { SignedInOperator } from '../http/ProviderApp.ts';
import type { OperatorCharge } from '../operators/OperatorSchemas.ts';
import { readOperatorCharges } from '../operators/readOperatorCharges.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { type AllPagesRefusal, readAllPages, type StatementPages, statementPages } from './keysetPages.ts';
import {
  type CsvCell,
  type CsvForm,
  kwhCell,
  microCell,
  printCsv,
  printDecimal,
  timeCell,
} from './printCsv.ts';
import type { OperatorStatement } from './StatementSchemas.ts';

/** An operator's statement of a period, oldest charge first, with all charges of it or refused; drivers stay unnamed. */
export async function operatorStatement(
  context: Pick<ProviderContext, 'db' | 'config'>,
  operator: Pick<SignedInOperator, 'operatorId' | 'name'>,
  period: { readonly from: number; readonly to: number },
  pages: StatementPages = statementPages,
): Promise<Result<OperatorStatement, AllPagesRefusal>> {
  const { providerId, name, currency } = context.config;
  const query = { ...period, providerId, operatorId: operator.operatorId };
  const read = await readAllPages(
    async (page) => (await readOperatorCharges(context.db, query, page)).charges,
    pages,
  );
  if (!read.ok) return read;
  const lines = [...read.value];
  const sum = (amount: (line: OperatorCharge) => number) =>
    lines.reduce((total, line) => total + amount(line), 0);
  return accept({
    providerId,
    providerName: name,
    operatorName: operator.name,
    from: period.from,
    to: period.to,
    currency,
    lines,
    count: lines.length,
    importedWh: sum((line) => line.importedWh),
    exportedWh: sum((line) => line.exportedWh),
    chargeMicro: sum((line) => (line.state === 'refused' ? 0 : line.chargeMicro)),
    feeMicro: sum((line) => line.feeMicro ?? 0),
    commissionMicro: sum((line) => (line.state === 'refused' ? 0 : (line.commissionMicro ?? 0))),
    earnedMicro: sum(earnedOf),
    creditMicro: sum((line) => (line.state === 'refused' ? 0 : line.creditMicro)),
    refusedMicro: sum((line) => (line.state === 'refused' ? line.chargeMicro : 0)),
  });
}

/** What a charge has earned its operator; of a refused one nothing. */
const earnedOf = (line: OperatorCharge): number =>
  line.state === 'refused' ? 0 : (line.commissionMicro ?? line.chargeMicro - (line.feeMicro ?? 0));

const columns = [
  'started_at',
  'ended_at',
  'evse_id',
  'driver_provider',
  'imported_kwh',
  'exported_kwh',
  'charge',
  'fee',
  'credit',
  'currency',
  'state',
  'refusal',
  'batch',
  'tx',
  'cdr_id',
  'commission',
  'earned',
  'commission_duration_s',
  'commission_net',
  'commission_per_kwh',
  'commission_per_hour',
  'commission_share_percent',
  'commission_per_session',
  'commission_least',
  'commission_most',
];

/** What the commission was worked out from, so that a spreadsheet can repeat it. */
function basisCells(basis: OperatorCharge['commissionBasis']): readonly CsvCell[] {
  if (basis === null) return Array.from({ length: 8 }, () => null);
  const { durationS, exclVatMicro, terms } = basis;
  const bound = (micro: number | undefined) => (micro === undefined ? null : microCell(micro));
  return [
    { decimal: String(durationS) },
    microCell(exclVatMicro),
    microCell(terms.perKwhMicro),
    microCell(terms.perHourMicro),
    { decimal: printDecimal(terms.sharePerMille, 1) },
    microCell(terms.perSessionMicro),
    bound(terms.leastMicro),
    bound(terms.mostMicro),
  ];
}

/** The statement as CSV: a row a charge, amounts in the currency with six decimals. */
export function printOperatorStatement(statement: OperatorStatement, form: CsvForm): string {
  return printCsv(
    columns,
    statement.lines.map((line) => [
      timeCell(line.startedAt),
      timeCell(line.endedAt),
      line.evseId,
      line.driverProvider,
      kwhCell(line.importedWh),
      kwhCell(line.exportedWh),
      microCell(line.chargeMicro),
      line.feeMicro === null ? null : microCell(line.feeMicro),
      microCell(line.creditMicro),
      line.currency,
      line.state,
      line.refusal,
      line.batchSequence === null ? null : { decimal: String(line.batchSequence) },
      line.txHash,
      line.cdrId,
      line.commissionMicro === null ? null : microCell(line.commissionMicro),
      microCell(earnedOf(line)),
      ...basisCells(line.commissionBasis),
    ]),
    form,
  );
}
