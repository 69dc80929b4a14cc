import { type ExplainedLine, explain } from '@p2p-power/tariff/explain';
import type { Price } from '@p2p-power/tariff/price';
import type { PriceComponentType } from '@p2p-power/tariff/Tariff';
import type { Language } from '../words/Language.ts';

/** One entry of a receipt: a price line with its reasons, or what limits, rounding and tax changed. */
export interface PriceEntry {
  /** The dimension of a price line; none for limit, rounding and tax. */
  readonly component?: PriceComponentType;
  readonly texts: readonly string[];
  readonly amountMicro: number;
}

/** Entries of one dimension that stand together because they are many, such as quarter-hours. */
export interface PriceGroup {
  readonly component: PriceComponentType;
  readonly entries: readonly PriceEntry[];
  readonly amountMicro: number;
  /** Wh or s, as the lines count it. */
  readonly quantity: number;
}

/** More lines of one dimension than these are one line that opens. */
const mostLines = 4;

/** A price as entries with plain words, those of a dimension with many lines as one group at the first one's place. */
export function priceGroups(
  price: Price,
  language: Language,
  timeZone: string,
): readonly (PriceEntry | PriceGroup)[] {
  const entries = entriesOf(price, explain(price, language, timeZone));
  const isMany = (component: PriceComponentType) =>
    price.lines.filter((line) => line.component === component).length > mostLines;
  const grouped = new Set<PriceComponentType>();
  return entries.flatMap((entry): (PriceEntry | PriceGroup)[] => {
    const { component } = entry;
    if (component === undefined || !isMany(component)) return [entry];
    if (grouped.has(component)) return [];
    grouped.add(component);
    const own = entries.filter((other) => other.component === component);
    const lines = price.lines.filter((line) => line.component === component);
    return [
      {
        component,
        entries: own,
        amountMicro: own.reduce((sum, { amountMicro }) => sum + amountMicro, 0),
        quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
      },
    ];
  });
}

/** Explained lines with an amount begin an entry, the first of them those of the price, in its order. */
function entriesOf(price: Price, explained: readonly ExplainedLine[]): readonly PriceEntry[] {
  const entries: PriceEntry[] = [];
  for (const { text, amountMicro } of explained) {
    const last = entries.at(-1);
    if (amountMicro === undefined) {
      if (last !== undefined) entries[entries.length - 1] = { ...last, texts: [...last.texts, text] };
      continue;
    }
    const line = price.lines[entries.length];
    entries.push({ ...(line && { component: line.component }), texts: [text], amountMicro });
  }
  return entries;
}
