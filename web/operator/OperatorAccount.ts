import { isRecord } from '@p2p-power/protocol/SignedObject';
import { displayPrice } from '@p2p-power/tariff/displayPrice';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { readThousandths } from '../settings/Settings.ts';
import type { Language } from '../words/Language.ts';
import { type ChargeCommission, parseChargeCommission } from './ChargeCommission.ts';

/** What an operator has earned, from the charge to the bank; micro-units. */
export interface OperatorBalance {
  readonly account: string;
  readonly currency: string;
  readonly waitingMicro: number;
  readonly refusedMicro: number;
  readonly earnedMicro: number;
  readonly claimableMicro: number;
  /** Undefined where the chain cannot be reached. */
  readonly tokensMicro?: number;
  readonly redeemingMicro: number;
  readonly redeemedMicro: number;
  readonly ownMicro: number;
}

export interface OperatorPoint {
  readonly evseId: string;
  readonly name: string;
  readonly address: string;
  readonly live: boolean;
  readonly lastSeenAt?: number;
  /** What the point asks, as its provider says it in English. */
  readonly tariffText: string;
  readonly tariff?: Tariff;
}

export interface OperatorCharge {
  readonly cdrId: string;
  readonly evseId: string;
  readonly driverProvider: string;
  readonly endedAt: number;
  readonly importedWh: number;
  readonly chargeMicro: number;
  readonly currency: string;
  readonly state: string;
  readonly refusal?: string;
  readonly refusalDetail?: string;
  /** What the operator earns in place of the charge, where it has a commission. */
  readonly commission?: ChargeCommission;
}

export interface Redemption {
  readonly redemptionId: string;
  readonly amountMicro: number;
  readonly state: string;
  /** Who was asked. */
  readonly provider?: string;
  readonly bankReference?: string;
  readonly requestedAt: number;
  /** Overdue after that; unknown until the chain has it. */
  readonly dueAt?: number;
}

/** Where the operator is paid. */
export interface PayoutChoice {
  readonly account: string;
  readonly accountKept: boolean;
  /** EVSE-IDs of stations that still pay a former account. */
  readonly pointsToRenew: readonly string[];
  /** The last characters of the IBAN; undefined where none is known. */
  readonly ibanEnd?: string;
}

const micro = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The balance out of untrusted JSON; undefined where it is none. */
export function parseBalance(json: unknown): OperatorBalance | undefined {
  if (!isRecord(json) || typeof json.account !== 'string') return undefined;
  return {
    account: json.account,
    currency: text(json.currency) || 'EUR',
    waitingMicro: micro(json.waitingMicro),
    refusedMicro: micro(json.refusedMicro),
    earnedMicro: micro(json.earnedMicro),
    claimableMicro: micro(json.claimableMicro),
    redeemingMicro: micro(json.redeemingMicro),
    redeemedMicro: micro(json.redeemedMicro),
    ownMicro: micro(json.ownMicro),
    ...(typeof json.tokensMicro === 'number' && { tokensMicro: micro(json.tokensMicro) }),
  };
}

const rowsOf = (json: unknown, name: string): readonly Record<string, unknown>[] =>
  isRecord(json) && Array.isArray(json[name]) ? json[name].filter(isRecord) : [];

export function parseOperatorPoints(json: unknown): readonly OperatorPoint[] {
  return rowsOf(json, 'points').map((row) => ({
    evseId: text(row.evseId),
    name: text(row.name) || text(row.evseId),
    address: [text(row.address), text(row.city)].filter(Boolean).join(', '),
    live: row.live === true,
    tariffText: (Array.isArray(row.tariffLines) ? row.tariffLines : [])
      .map((line: unknown) => (isRecord(line) ? text(line.text) : ''))
      .filter(Boolean)
      .join(' · '),
    ...(typeof row.lastSeenAt === 'number' && { lastSeenAt: row.lastSeenAt }),
    ...tariffOfRow(row),
  }));
}

function tariffOfRow({ ocpiTariff }: Record<string, unknown>): { readonly tariff?: Tariff } {
  const read = isRecord(ocpiTariff) ? parseTariff(ocpiTariff) : undefined;
  return read?.ok === true ? { tariff: read.value } : {};
}

/** What a point asks, in the reader's language; as its provider says it where the app cannot read the tariff. */
export function tariffInWords({ tariff, tariffText }: OperatorPoint, language: Language): string {
  if (tariff === undefined) return tariffText;
  return displayPrice(tariff, language)
    .map(({ text }) => text)
    .join(' · ');
}

export function parseOperatorCharges(json: unknown): readonly OperatorCharge[] {
  return rowsOf(json, 'charges').map((row) => ({
    ...commissionOf(row),
    cdrId: text(row.cdrId),
    evseId: text(row.evseId),
    driverProvider: text(row.driverProvider),
    endedAt: micro(row.endedAt),
    importedWh: micro(row.importedWh),
    chargeMicro: micro(row.chargeMicro),
    currency: text(row.currency) || 'EUR',
    state: text(row.state),
    ...(typeof row.refusal === 'string' && { refusal: row.refusal }),
    ...(typeof row.refusalDetail === 'string' && { refusalDetail: row.refusalDetail }),
  }));
}

function commissionOf(row: Readonly<Record<string, unknown>>): Pick<OperatorCharge, 'commission'> {
  const commission = parseChargeCommission(row);
  return commission === undefined ? {} : { commission };
}

export function parseRedemptions(json: unknown): readonly Redemption[] {
  return rowsOf(json, 'redemptions').map((row) => ({
    redemptionId: text(row.redemptionId),
    amountMicro: micro(row.amountMicro),
    state: text(row.state),
    requestedAt: micro(row.requestedAt),
    ...(typeof row.provider === 'string' && { provider: row.provider }),
    ...(typeof row.dueAt === 'number' && { dueAt: micro(row.dueAt) }),
    ...(typeof row.bankReference === 'string' && { bankReference: row.bankReference }),
  }));
}

/** Where the operator is paid, out of untrusted JSON; undefined where it does not say. */
export function parsePayoutChoice(json: unknown): PayoutChoice | undefined {
  if (!isRecord(json) || typeof json.account !== 'string') return undefined;
  const { account, accountKept, pointsToRenew, bankAccount } = json;
  const ibanEnd = isRecord(bankAccount) ? text(bankAccount.ibanEnd) : '';
  return {
    account,
    accountKept: accountKept === true,
    pointsToRenew: (Array.isArray(pointsToRenew) ? pointsToRenew : []).filter(
      (evseId): evseId is string => typeof evseId === 'string',
    ),
    ...(ibanEnd !== '' && { ibanEnd }),
  };
}

/** Whether the holder may take a redemption back, as far as we know. */
export const canCancel = ({ state }: Redemption): boolean => state === 'open' || state === 'overdue';

/** What stands in the field of the amount to be redeemed, and what it means. */
export interface AmountToRedeem {
  readonly text: string;
  /** Micro-units; undefined where what stands there is no amount, or more than there is. */
  readonly amountMicro?: number;
  /** Whether it is worth asking for: more than nothing, and not more than there is. */
  readonly canRedeem: boolean;
}

/** Untouched, the amount is all that there is, to the last millionth; typed, it is read to the thousandth. */
export function amountToRedeem(
  typed: string | undefined,
  tokensMicro: number,
  language: Language,
): AmountToRedeem {
  if (typed === undefined) {
    const text = String(tokensMicro / 1_000_000).replace('.', language === 'de' ? ',' : '.');
    return { text, amountMicro: tokensMicro, canRedeem: tokensMicro > 0 };
  }
  const thousandths = readThousandths(typed);
  if (thousandths === undefined || thousandths * 1_000 > tokensMicro)
    return { text: typed, canRedeem: false };
  return { text: typed, amountMicro: thousandths * 1_000, canRedeem: thousandths > 0 };
}

/** A redemption as the provider is asked for it: the same id twice is one redemption. */
export interface RedemptionRequest {
  readonly amountMicro: number;
  /** Party id. */
  readonly provider: string;
  readonly requestId: string;
}

/**
 * The request for an amount of a provider. One that was asked for before and not answered is asked for again, under its
 * id: the answer may have been lost on the way back, and money leaves once.
 */
export function requestOf(
  unanswered: RedemptionRequest | undefined,
  wanted: Omit<RedemptionRequest, 'requestId'>,
  newId: () => string,
): RedemptionRequest {
  const isSame = unanswered?.amountMicro === wanted.amountMicro && unanswered.provider === wanted.provider;
  return isSame ? unanswered : { ...wanted, requestId: newId() };
}

/** Whether a refusal says what became of the request; without internet nobody knows. */
export const isAnswer = (refusal: string): boolean =>
  refusal !== 'provider-unreachable' && refusal !== 'malformed-answer';
