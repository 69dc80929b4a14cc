import type { Words } from '../words/de.ts';
import { formatExactMoney } from '../words/format.ts';
import type { Language } from '../words/Language.ts';
import { type Bounds, passedBound } from './frameBounds.ts';
import type { Typed } from './TariffForm.ts';

/** What stands below a field: what may be typed, and the bound that what is typed passes. */
export function boundsInWords(
  bounds: Bounds | undefined,
  amountMicro: Typed | undefined,
  currency: string,
  { prices }: Words,
  language: Language,
): { readonly hints: readonly string[]; readonly fault?: string } {
  if (bounds === undefined) return { hints: [] };
  const money = (micro: number) => formatExactMoney(micro, currency, language);
  const { leastMicro, mostMicro, mayBeFree } = bounds;
  const passed = passedBound(bounds, amountMicro);
  const allowed =
    leastMicro > 0
      ? prices.allowed(money(leastMicro), money(mostMicro)) + (mayBeFree ? prices.orFree : '')
      : mostMicro > 0
        ? prices.allowedUpTo(money(mostMicro))
        : prices.notAllowed;
  return {
    hints: [allowed],
    ...(passed !== undefined && { fault: prices[passed.side](money(passed.boundMicro)) }),
  };
}
