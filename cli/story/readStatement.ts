import { insist } from '../insist.ts';
import { printAmount, printEnergy, printTime } from '../printUnits.ts';
import type { Receipt } from './Phone.ts';
import type { Stage } from './Stage.ts';

/** Chapter 5: the charge is on the statement that Anna's provider sends her. */
export async function readStatement(stage: Stage, receipt: Receipt): Promise<void> {
  const { page, anna } = stage;
  page.section("5  Anna's statement");
  const to = Math.floor(Date.now() / 1000) + 60;
  const statement = insist(
    await anna.provider.statement({ from: to - 30 * 86_400, to }),
    'GET /me/statement',
  );
  const { currency } = statement;
  page.line(`${statement.providerName} to ${statement.driverName ?? anna.owner}`);
  page.table(
    [
      ['from', 'place', 'energy', 'before tax', 'tax', 'amount'],
      ...statement.lines.map((line) => [
        printTime(line.startedAt),
        line.place ?? line.evseId,
        printEnergy(line.importedWh),
        printAmount(line.exclVatMicro, currency),
        printAmount(line.vatMicro, currency),
        printAmount(line.chargeMicro, currency),
      ]),
    ],
    [2, 3, 4, 5],
  );
  page.fact('to pay', printAmount(statement.totalMicro, currency));
  const lines = statement.lines.filter(({ cdrId }) => cdrId === receipt.facts.cdrId);
  page.check(
    lines.length === 1 && lines[0]?.chargeMicro === receipt.facts.chargeMicro,
    `the charge stands on it once, with ${printAmount(receipt.facts.chargeMicro, currency)}`,
  );
}
