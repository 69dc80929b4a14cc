import { insist } from '../insist.ts';
import { printAmount, printEnergy, printTime } from '../printUnits.ts';
import type { Receipt } from './Phone.ts';
import type { Stage } from './Stage.ts';

/** A driver's statement, as `GET /me/statement` tells it. */
interface ToldStatement {
  readonly lines: readonly {
    readonly cdrId: string;
    readonly startedAt: number;
    readonly energyWh: number;
    readonly chargeMicro: number;
    readonly address?: string;
  }[];
}

/** Chapter 5: the charge is on the statement that Anna's provider sends her. */
export async function readStatement(stage: Stage, receipt: Receipt): Promise<void> {
  const { page, anna } = stage;
  page.section("5  Anna's statement");
  const to = Math.floor(Date.now() / 1000) + 60;
  const period = `from=${to - 30 * 86_400}&to=${to}`;
  const statement = insist(
    await anna.provider.call<ToldStatement>('GET', `/me/statement?${period}`),
    'GET /me/statement',
  );
  page.table(
    statement.lines.map((line) => [
      printTime(line.startedAt),
      printEnergy(line.energyWh),
      printAmount(line.chargeMicro, receipt.facts.currency),
    ]),
    [1, 2],
  );
  const lines = statement.lines.filter(({ cdrId }) => cdrId === receipt.facts.cdrId);
  page.check(
    lines.length === 1 && lines[0]?.chargeMicro === receipt.facts.chargeMicro,
    `the charge stands on it once, with ${printAmount(receipt.facts.chargeMicro, receipt.facts.currency)}`,
  );
}
