import { isRecord } from '@p2p-power/protocol/SignedObject';

/** Money of the operator's charges: what drivers paid, tax included, and what the operator earned; micro-units. */
export interface PreviewAmounts {
  readonly didMicro: number;
  readonly wouldMicro: number;
  readonly didEarnMicro: number;
  readonly wouldEarnMicro: number;
}

export interface PreviewCharge extends PreviewAmounts {
  readonly cdrId: string;
  readonly endedAt: number;
  readonly importedWh: number;
  readonly isOnFallback: boolean;
}

/** What a tariff would have earned on past charges beside what they did. */
export interface TariffPreview {
  readonly currency: string;
  readonly from: number;
  readonly to: number;
  readonly sum: PreviewAmounts & { readonly count: number; readonly energyWh: number };
  /** Charges of which no index is recorded for some or all of their time. */
  readonly fallbackCount: number;
  readonly more: boolean;
  readonly unpriceable: number;
  /** Newest first. */
  readonly charges: readonly PreviewCharge[];
  /** Why it could not be published at the point; undefined if it can. */
  readonly refused?: { readonly refusal: string; readonly detail: string };
}

const whole = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0);

const amountsOf = (row: Record<string, unknown>): PreviewAmounts => ({
  didMicro: whole(row.didMicro),
  wouldMicro: whole(row.wouldMicro),
  didEarnMicro: whole(row.didEarnMicro),
  wouldEarnMicro: whole(row.wouldEarnMicro),
});

/** The preview of one point out of untrusted JSON; undefined where it is none. */
export function parsePreview(json: unknown): TariffPreview | undefined {
  if (!isRecord(json) || !isRecord(json.sum) || !Array.isArray(json.charges)) return undefined;
  const { sum, onFallback, publishable } = json;
  const refused = (Array.isArray(publishable) ? publishable.filter(isRecord) : []).find(
    ({ refusal }) => typeof refusal === 'string',
  );
  return {
    currency: typeof json.currency === 'string' ? json.currency : 'EUR',
    from: whole(json.from),
    to: whole(json.to),
    sum: { ...amountsOf(sum), count: whole(sum.count), energyWh: whole(sum.energyWh) },
    fallbackCount: isRecord(onFallback) ? whole(onFallback.count) : 0,
    more: json.more === true,
    unpriceable: whole(json.unpriceable),
    charges: json.charges.filter(isRecord).map((row) => ({
      ...amountsOf(row),
      cdrId: String(row.cdrId),
      endedAt: whole(row.endedAt),
      importedWh: whole(row.importedWh),
      isOnFallback: row.basis === 'fallback' || row.basis === 'partly-fallback',
    })),
    ...(refused !== undefined && {
      refused: { refusal: String(refused.refusal), detail: String(refused.detail ?? '') },
    }),
  };
}

/** How much more (or less) would have been earned, in tenths of a percent; undefined where nothing was. */
export function changePerMille({ didEarnMicro, wouldEarnMicro }: PreviewAmounts): number | undefined {
  if (didEarnMicro <= 0) return undefined;
  return Math.round(((wouldEarnMicro - didEarnMicro) * 1_000) / didEarnMicro);
}

/** How long the two bars of a charge are beside the longest of all, percent. */
export function barsOf(
  charge: PreviewAmounts,
  charges: readonly PreviewAmounts[],
): { readonly did: number; readonly would: number } {
  const most = Math.max(
    1,
    ...charges.flatMap(({ didEarnMicro, wouldEarnMicro }) => [didEarnMicro, wouldEarnMicro]),
  );
  const percent = (amountMicro: number) => Math.round((Math.max(0, amountMicro) * 1_000) / most) / 10;
  return { did: percent(charge.didEarnMicro), would: percent(charge.wouldEarnMicro) };
}
