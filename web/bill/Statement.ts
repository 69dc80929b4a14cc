import { isRecord } from '@p2p-power/protocol/SignedObject';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type ChargeSplit, parseSplit } from './ChargeSplit.ts';

/** What a driver owes for a period, as their provider states it; money in micro-units. */
export interface Statement {
  readonly totalMicro: number;
  readonly currency: string;
  readonly lineCount: number;
  /** What the provider bears of it, and what is credited for energy given back. */
  readonly promotionMicro: number;
  readonly creditMicro: number;
  /** What all charges of the period are made of, where the provider states it. */
  readonly split?: ChargeSplit;
}

/** The statement out of untrusted JSON. */
export function parseStatement(json: unknown): Result<Statement, 'malformed-answer'> {
  if (!isRecord(json) || !Array.isArray(json.lines)) return refuse('malformed-answer', 'no statement');
  const { totalMicro, currency, chargeMicro, promotionMicro, creditMicro } = json;
  if (!Number.isSafeInteger(totalMicro)) return refuse('malformed-answer', 'no total');
  const split = json.lines.length === 0 ? undefined : parseSplit(json.split, amountOf(chargeMicro));
  return accept({
    totalMicro: totalMicro as number,
    currency: typeof currency === 'string' ? currency : 'EUR',
    lineCount: json.lines.length,
    promotionMicro: amountOf(promotionMicro),
    creditMicro: amountOf(creditMicro),
    ...(split !== undefined && { split }),
  });
}

const amountOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;

/** A calendar month `YYYY-MM` of the device's zone as epoch seconds, `to` exclusive. */
export function monthBounds(month: string): { readonly from: number; readonly to: number } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  const at = (monthIndex: number) => Math.floor(new Date(year, monthIndex, 1).getTime() / 1000);
  return { from: at(number - 1), to: at(number) };
}

/** The month `YYYY-MM` of an instant, in the device's zone. */
export function monthOf(at: number): string {
  const date = new Date(at * 1000);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}

/** The month `by` months later. */
export function monthAfter(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  const date = new Date(year, number - 1 + by, 1);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}
