import type { SignalContent } from '@p2p-power/protocol/Signal';
import { decimalInteger } from './decimalInteger.ts';
import { fault, quarterHours, type Stretch } from './quarterHours.ts';
import type { SourceAnswer } from './SignalFault.ts';
import type { QuarterRow, Span } from './SignalSeries.ts';

/** Prices beyond these, per kWh in micro-units, are another unit: markets end at −500 and 5,000 per MWh. */
const priceBounds = { least: -1_000_000, most: 20_000_000 } as const;
const mostGramsPerKwh = 5_000;

/** A stretch with its value as the source writes it. */
export interface SaidStretch {
  readonly from: number;
  readonly to: number;
  readonly said: number | string | null;
}

/** The decimals by which a number per MWh, or per kWh, becomes micro-units per kWh. */
export const perMwh = 3;
export const perKwh = 6;

/** Prices that a source says, as a row of micro-units per kWh. */
export function priceRow(
  said: readonly SaidStretch[],
  decimals: typeof perMwh | typeof perKwh,
  span: Span,
): SourceAnswer<QuarterRow> {
  return integerRow(said, decimals, priceBounds, span);
}

/** A price signal of such a row. */
export function priceContent(row: SourceAnswer<QuarterRow>, currency: string): SourceAnswer<SignalContent> {
  if (!row.ok) return row;
  const { firstAt, values } = row.value;
  return { ok: true, value: { kind: 'price', currency, firstAt, indexMicro: values } };
}

/** A carbon signal of g/kWh, rounded to whole grams. */
export function carbonContent(said: readonly SaidStretch[], span: Span): SourceAnswer<SignalContent> {
  const row = integerRow(said, 0, { least: 0, most: mostGramsPerKwh }, span);
  if (!row.ok) return row;
  return {
    ok: true,
    value: { kind: 'carbon', firstAt: row.value.firstAt, gramsPerKwh: row.value.values },
  };
}

function integerRow(
  said: readonly SaidStretch[],
  places: number,
  bounds: { readonly least: number; readonly most: number },
  span: Span,
): SourceAnswer<QuarterRow> {
  const stretches: Stretch[] = [];
  for (const { from, to, said: value } of said) {
    const integer = value === null ? null : decimalInteger(value, places);
    if (integer === undefined) return fault('unexpected-form', `no decimal number at ${from}`);
    if (integer !== null && (integer < bounds.least || integer > bounds.most))
      return fault('implausible-value', `${value} at ${from}`);
    stretches.push({ from, to, value: integer });
  }
  return quarterHours(stretches, span);
}
