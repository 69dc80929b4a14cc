import { isRecord } from '@p2p-power/protocol/SignedObject';

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
  readonly tariffText: string;
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
}

export interface Redemption {
  readonly redemptionId: string;
  readonly amountMicro: number;
  readonly state: string;
  readonly bankReference?: string;
  readonly requestedAt: number;
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
  }));
}

export function parseOperatorCharges(json: unknown): readonly OperatorCharge[] {
  return rowsOf(json, 'charges').map((row) => ({
    cdrId: text(row.cdrId),
    evseId: text(row.evseId),
    driverProvider: text(row.driverProvider),
    endedAt: micro(row.endedAt),
    importedWh: micro(row.importedWh),
    chargeMicro: micro(row.chargeMicro),
    currency: text(row.currency) || 'EUR',
    state: text(row.state),
    ...(typeof row.refusal === 'string' && { refusal: row.refusal }),
  }));
}

export function parseRedemptions(json: unknown): readonly Redemption[] {
  return rowsOf(json, 'redemptions').map((row) => ({
    redemptionId: text(row.redemptionId),
    amountMicro: micro(row.amountMicro),
    state: text(row.state),
    requestedAt: micro(row.requestedAt),
    ...(typeof row.bankReference === 'string' && { bankReference: row.bankReference }),
  }));
}
