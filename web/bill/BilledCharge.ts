import { isRecord } from '@p2p-power/protocol/SignedObject';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { type ChargeRecord, isOpen } from '../charge/ChargeRecord.ts';

/** A charge as the driver's provider has it. Energy in Wh, money in micro-units, epoch seconds. */
export interface BilledCharge {
  readonly cdrId: string;
  readonly authorizationId?: string;
  readonly evseId: string;
  readonly pointName?: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly importedWh: number;
  readonly chargeMicro: number;
  readonly currency: string;
  /** The point's, as its offer named it. */
  readonly timeZone?: string;
}

/** A charge that the driver's provider refused, and why: it is on no bill. */
export interface RefusedCharge extends BilledCharge {
  readonly refusal: string;
  readonly detail: string;
}

/** How a charge stands for the driver: a receipt is on the bill once the provider has it, or refused. */
export type ListedState = 'running' | 'asked' | 'receipt' | 'billed' | 'refused';

/** One line of the driver's list: from this phone, from the provider, or from both. */
export interface ListedCharge {
  /** What the receipt page is asked for: the phone's authorization id, else the provider's CDR id. */
  readonly id: string;
  readonly name: string;
  /** Epoch seconds: begin, and the end by which it falls into a month of the bill. */
  readonly at: number;
  readonly endedAt: number;
  readonly energyWh: number;
  readonly amountMicro: number;
  readonly currency: string;
  /** The point's, where it is known. */
  readonly timeZone?: string;
  readonly state: ListedState;
  /** Why it is on no bill; with `refused`. */
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** The provider's charges out of untrusted JSON; what is no charge is left out. */
export function parseBilledCharges(json: unknown): readonly BilledCharge[] {
  const rows = isRecord(json) && Array.isArray(json.charges) ? json.charges : [];
  return rows.flatMap((row: unknown): BilledCharge[] => {
    if (!isRecord(row)) return [];
    const { cdrId, authorizationId, evseId, startedAt, endedAt, importedWh, chargeMicro, currency } = row;
    const { timeZone } = row;
    if (typeof cdrId !== 'string' || !isCount(startedAt) || !isCount(chargeMicro)) return [];
    const name = row.place;
    return [
      {
        cdrId,
        evseId: typeof evseId === 'string' ? evseId : '',
        startedAt,
        endedAt: isCount(endedAt) ? endedAt : startedAt,
        importedWh: isCount(importedWh) ? importedWh : 0,
        chargeMicro,
        currency: typeof currency === 'string' ? currency : 'EUR',
        ...(typeof authorizationId === 'string' && { authorizationId }),
        ...(typeof timeZone === 'string' && isTimeZone(timeZone) && { timeZone }),
        ...(typeof name === 'string' && name !== '' && { pointName: name }),
      },
    ];
  });
}

/** What the provider refused, out of untrusted JSON. */
export function parseRefusedCharges(json: unknown): readonly RefusedCharge[] {
  const rows = isRecord(json) && Array.isArray(json.refused) ? json.refused : [];
  return rows.flatMap((row: unknown): RefusedCharge[] => {
    const [charge] = parseBilledCharges({ charges: [row] });
    if (charge === undefined || !isRecord(row) || typeof row.refusal !== 'string') return [];
    return [{ ...charge, refusal: row.refusal, detail: typeof row.detail === 'string' ? row.detail : '' }];
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * The driver's charges, the latest first, each once: what this phone knows and what the provider has
 * belong together by the authorization.
 * Of charges that never began and came to nothing, none is listed.
 */
export function mergeCharges(
  records: readonly ChargeRecord[],
  billed: readonly BilledCharge[],
  refused: readonly RefusedCharge[] = [],
): readonly ListedCharge[] {
  const byAuthorization = new Map(billed.map((charge) => [charge.authorizationId, charge]));
  // Of one authorization a first account may have been refused and a later, right one be on the bill.
  const refusedOnly = refused.filter(({ authorizationId }) => !byAuthorization.has(authorizationId));
  const refusedBy = new Map(refusedOnly.map((charge) => [charge.authorizationId, charge]));
  const own = records
    .filter((record) => isOpen(record) || record.evidence !== undefined)
    .map((record): ListedCharge => {
      const cdr = record.evidence?.cdr.value;
      const atProvider = byAuthorization.get(record.authorizationId);
      const state =
        cdr === undefined
          ? record.state === 'asked'
            ? 'asked'
            : 'running'
          : atProvider === undefined
            ? 'receipt'
            : 'billed';
      const no = refusedBy.get(record.authorizationId);
      const timeZone = record.evidence?.offer.value.timeZone ?? record.agreed?.timeZone;
      return {
        id: record.authorizationId,
        name: record.pointName,
        at: cdr?.startedAt ?? record.signedAt,
        endedAt: cdr?.endedAt ?? record.status?.at ?? record.signedAt,
        energyWh: cdr?.importedWh ?? record.status?.energyWh ?? 0,
        amountMicro: cdr?.chargeMicro ?? record.status?.amountMicro ?? 0,
        currency: record.currency,
        ...(timeZone !== undefined && { timeZone }),
        state: no === undefined ? state : 'refused',
        ...(no !== undefined && { refusal: { refusal: no.refusal, detail: no.detail } }),
      };
    });
  const ownIds = new Set(own.map(({ id }) => id));
  const isNoOwn = ({ authorizationId }: { readonly authorizationId?: string }) =>
    authorizationId === undefined || !ownIds.has(authorizationId);
  const others = billed
    .filter(isNoOwn)
    .map((charge): ListedCharge => ({ ...listed(charge), state: 'billed' }));
  const refusals = refusedOnly.filter(isNoOwn).map(
    (charge): ListedCharge => ({
      ...listed(charge),
      state: 'refused',
      refusal: { refusal: charge.refusal, detail: charge.detail },
    }),
  );
  return [...own, ...others, ...refusals].sort((a, b) => b.at - a.at);
}

/** What a charge that only the provider knows shows in the list, however it stands. */
const listed = (charge: BilledCharge): Omit<ListedCharge, 'state'> => ({
  id: charge.cdrId,
  name: charge.pointName ?? charge.evseId,
  at: charge.startedAt,
  endedAt: charge.endedAt,
  energyWh: charge.importedWh,
  amountMicro: charge.chargeMicro,
  currency: charge.currency,
  ...(charge.timeZone !== undefined && { timeZone: charge.timeZone }),
});
