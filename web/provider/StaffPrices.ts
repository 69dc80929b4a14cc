import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type Commission, parseCommissions } from '@p2p-power/tariff/Commission';
import { type PriceFrame, parseFrames } from '@p2p-power/tariff/PriceFrame';
import { type Promotion, parsePromotions } from '@p2p-power/tariff/Promotion';

/** A frame as it is typed: null where a number is none yet; without a ceiling for hours or sessions none may be asked. */
export type FrameForm = {
  readonly [Name in keyof PriceFrame]: PriceFrame[Name] extends number | undefined
    ? PriceFrame[Name] | null
    : PriceFrame[Name];
};

/** A point whose tariff is outside its frame now. */
export interface PointOutside {
  readonly evseId: string;
  readonly detail: string;
}

const rowsOf = (json: unknown, name: string): readonly Record<string, unknown>[] =>
  isRecord(json) && Array.isArray(json[name]) ? json[name].filter(isRecord) : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const whole = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0);

/** The frames out of untrusted JSON, and who is outside; undefined where they make no sense. */
export function parseFramesAnswer(
  json: unknown,
): { readonly frames: readonly PriceFrame[]; readonly outside: readonly PointOutside[] } | undefined {
  const frames = parseFrames(isRecord(json) ? json.frames : undefined);
  if (!frames.ok) return undefined;
  return {
    frames: frames.value,
    outside: rowsOf(json, 'outside').map((row) => ({ evseId: text(row.evseId), detail: text(row.detail) })),
  };
}

export const newFrame = (currency: string): FrameForm => ({
  pointClass: 'ac',
  currency,
  floorMicro: null,
  ceilingMicro: null,
  mayBeFree: false,
});

/** The frames that forms say; undefined where a number is missing. What else is wrong the provider says. */
export function framesOf(forms: readonly FrameForm[]): readonly PriceFrame[] | undefined {
  const isTyped = (form: FrameForm): form is PriceFrame => !Object.values(form).includes(null);
  return forms.every(isTyped) ? forms : undefined;
}

export const commissionScopes = ['all', 'target-group', 'operator', 'point'] as const;
export type CommissionScope = (typeof commissionScopes)[number];

/** What operators earn in a scope from a time on; without terms there is none of this scope. */
export interface CommissionVersion {
  readonly scope: CommissionScope;
  readonly subject: string;
  readonly terms?: Commission;
  readonly validFrom: number;
  readonly inForce: boolean;
}

export function parseCommissionVersions(json: unknown): readonly CommissionVersion[] {
  return rowsOf(json, 'commissions').flatMap((row): CommissionVersion[] => {
    const scope = commissionScopes.find((known) => known === row.scope);
    const terms = row.terms === null ? undefined : parseCommissions([row.terms]);
    if (scope === undefined || terms?.ok === false) return [];
    const [read] = terms?.value ?? [];
    return [
      {
        scope,
        subject: text(row.subject),
        ...(read !== undefined && { terms: read }),
        validFrom: whole(row.validFrom),
        inForce: row.inForce === true,
      },
    ];
  });
}

/** A promotion with what it has borne. */
export interface RunningPromotion {
  readonly promotion: Promotion;
  readonly spentMicro: number;
  readonly charges: number;
  readonly customers: number;
  readonly endedAt?: number;
}

export function parseRunningPromotions(json: unknown): readonly RunningPromotion[] {
  return rowsOf(json, 'promotions').flatMap((row): RunningPromotion[] => {
    const read = parsePromotions([row.promotion]);
    const [promotion] = read.ok ? read.value : [];
    if (promotion === undefined) return [];
    return [
      {
        promotion,
        spentMicro: whole(row.spentMicro),
        charges: whole(row.charges),
        customers: whole(row.customers),
        ...(typeof row.endedAt === 'number' && { endedAt: whole(row.endedAt) }),
      },
    ];
  });
}

export type PromotionState = 'coming' | 'running' | 'spent' | 'over' | 'ended';

/** How a promotion stands at a time. */
export function stateOf({ promotion, endedAt, spentMicro }: RunningPromotion, now: number): PromotionState {
  if (endedAt !== undefined) return 'ended';
  if (now >= promotion.endsAt) return 'over';
  if (promotion.budgetMicro !== undefined && spentMicro >= promotion.budgetMicro) return 'spent';
  return now < promotion.startsAt ? 'coming' : 'running';
}

/** An id out of a title: what of it may stand in one, with the day so that campaigns of a name differ. */
export function promotionId(title: string, firstDay: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 25);
  return `${plain || 'promotion'}-${firstDay}`;
}
