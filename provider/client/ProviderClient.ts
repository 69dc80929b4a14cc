import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { CdrOutcome } from '@p2p-power/protocol/CdrOutcome';
import type { SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { Segment } from '@p2p-power/protocol/Segment';
import type { Signal } from '@p2p-power/protocol/Signal';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import type { Promotion } from '@p2p-power/tariff/Promotion';
import type { Result } from '@p2p-power/tariff/Result';
import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import type {
  BankEntryAnswer,
  MadePaymentFileAnswer,
  PeerBankAccountAnswer,
  TakenNotificationAnswer,
} from '../bank/BankSchemas.ts';
import type {
  BatchAnswer,
  ClosedPeriodAnswer,
  LedgerAnswer,
  OutstandingAnswer,
} from '../clearing/ClearingSchemas.ts';
import type { NettingRoundAnswer } from '../netting/NettingSchemas.ts';
import type {
  Claim,
  NewPayout,
  NewReceipt,
  NewRedemption,
  OperatorBalance,
  OperatorCharge,
  Payout,
  PayoutChoiceAnswer,
  PreparedRedemption,
  Redemption,
  WantedAccountBody,
} from '../operators/OperatorSchemas.ts';
import type { Driver, Me, NewOperator, Operator } from '../people/PeopleSchemas.ts';
import type {
  NewPoint,
  NewStationCertificate,
  OwnPoint,
  PointInFull,
  PointSummary,
  PointsQuery,
  ProvisionAnswer,
  RegisterImport,
} from '../points/PointSchemas.ts';
import type {
  CommissionAnswer,
  NewCommission,
  NewTariffPreview,
  PriceFramesAnswer,
  PromotionAnswer,
  TariffPreview,
} from '../prices/PriceSchemas.ts';
import type { SignalList, StatedGrid } from '../signals/SignalSchemas.ts';
import type { DriverCharge, DriverStatement, OperatorStatement } from '../statements/StatementSchemas.ts';
import type { ProviderInfo } from '../trust/ProviderSchemas.ts';
import { type CallSettings, callForText, callProvider, queryOf } from './callProvider.ts';

export type {
  BatchAnswer,
  ClosedPeriodAnswer,
  LedgerAnswer,
  OutstandingAnswer,
} from '../clearing/ClearingSchemas.ts';
export type {
  Claim,
  NewPayout,
  NewReceipt,
  NewRedemption,
  OperatorBalance,
  OperatorCharge,
  Payout,
  Redemption,
} from '../operators/OperatorSchemas.ts';
export type { Driver, Me, NewOperator, Operator } from '../people/PeopleSchemas.ts';
export type {
  NewPoint,
  NewStationCertificate,
  OwnPoint,
  PointInFull,
  PointSummary,
  PointsQuery,
  ProvisionAnswer,
  RegisterImport,
} from '../points/PointSchemas.ts';
export type {
  CommissionAnswer,
  NewCommission,
  NewTariffPreview,
  PreviewCharge,
  PriceFramesAnswer,
  PromotionAnswer,
  TariffPreview,
} from '../prices/PriceSchemas.ts';
export type { SignalList, SignalSeries, StatedGrid } from '../signals/SignalSchemas.ts';
export type {
  DriverCharge,
  DriverStatement,
  OperatorStatement,
  StatementLine,
} from '../statements/StatementSchemas.ts';
export type { ProviderInfo } from '../trust/ProviderSchemas.ts';

/**
 * What a call answers: the value, or the refusal by its stable name (docs/refusals.md). A provider that
 * cannot be reached is `provider-unreachable`, and what is no answer of a provider `malformed-answer`;
 * after both the call may be made again.
 */
export type Answer<Value> = Promise<Result<Value, string>>;

/** Ended in [from, to), epoch seconds. */
export interface PeriodQuery {
  readonly from?: number;
  readonly to?: number;
}

export interface PageQuery {
  readonly limit?: number;
  readonly offset?: number;
}

export interface HandInResult {
  readonly segmentId: Hex | null;
  readonly acknowledgement?: SignedAcknowledgement;
  /** Where couriers asked for it: what the provider has for the station. */
  readonly provision?: ProvisionUpdate;
  readonly refusal?: string;
  readonly detail?: string;
  readonly outcomes: readonly CdrOutcome[];
}

/**
 * A provider's interface as functions. `baseUrl` is its `publicUrl`; the access token of a driver or
 * operator, or the staff token, comes from `token()` at each call. For browsers, Node and tests
 * (`fetch: (request) => app.fetch(request)`).
 *
 * @example
 * const provider = providerClient({ baseUrl: 'https://provider.example' });
 * const answer = await provider.points({ latitude: 52.52, longitude: 13.4, energyWh: 20_000 });
 * if (answer.ok) console.log(answer.value.points[0]?.priceMicro);
 */
export function providerClient(settings: CallSettings) {
  const get = <Value>(path: string) => callProvider<Value>(settings, 'GET', path);
  const post = <Value>(path: string, body: unknown) => callProvider<Value>(settings, 'POST', path, body);
  const put = <Value>(path: string, body: unknown) => callProvider<Value>(settings, 'PUT', path, body);
  const remove = <Value>(path: string) => callProvider<Value>(settings, 'DELETE', path);
  const id = encodeURIComponent;
  return {
    // Anyone.
    provider: () => get<ProviderInfo>('/provider'),
    trustList: () => get<TrustList>('/trust-list'),
    points: (query: PointsQuery) =>
      get<{ readonly points: readonly PointSummary[]; readonly total: number }>(`/points${queryOf(query)}`),
    point: (evseId: string, query: { readonly energyWh?: number; readonly powerW?: number } = {}) =>
      get<PointInFull>(`/points/${id(evseId)}${queryOf(query)}`),
    signal: (kind: 'price' | 'carbon' | 'grid', area: string) => get<Signal>(`/signals/${kind}/${id(area)}`),
    handIn: (segments: readonly Segment[], { provisions = false } = {}) =>
      post<{ readonly results: readonly HandInResult[] }>('/hand-in', { segments, provisions }),

    // Station.

    // Driver.
    me: () => get<Me>('/me'),
    requestCertificate: (publicKey: Hex) => post<SignedDriverCertificate>('/me/certificates', { publicKey }),
    revokeCertificate: (certificateId: Hex) => remove<void>(`/me/certificates/${certificateId}`),
    chargeEvidence: (cdrId: Hex) => get<Evidence>(`/me/charges/${cdrId}/evidence`),

    charges: (query: PeriodQuery & PageQuery = {}) =>
      get<{ readonly charges: readonly DriverCharge[]; readonly total: number }>(
        `/me/charges${queryOf({ ...query })}`,
      ),
    statement: (query: PeriodQuery = {}) => get<DriverStatement>(`/me/statement${queryOf({ ...query })}`),

    // Operator.
    operatorBalance: () => get<OperatorBalance>('/operator/balance'),
    operatorCharges: (query: PeriodQuery & PageQuery = {}) =>
      get<{ readonly charges: readonly OperatorCharge[]; readonly total: number }>(
        `/operator/charges${queryOf({ ...query })}`,
      ),
    operatorStatement: (query: PeriodQuery = {}) =>
      get<OperatorStatement>(`/operator/statement${queryOf({ ...query })}`),
    claim: () =>
      post<{ readonly claims: readonly Claim[]; readonly paidMicro: number }>('/operator/claims', {}),
    redemptions: () => get<{ readonly redemptions: readonly Redemption[] }>('/operator/redemptions'),
    redeem: (redemption: NewRedemption) => post<Redemption>('/operator/redemptions', redemption),
    cancelRedemption: (redemptionId: string) =>
      remove<Redemption>(`/operator/redemptions/${id(redemptionId)}`),
    prepareRedemption: (redemption: Omit<NewRedemption, 'signed'>) =>
      post<PreparedRedemption>('/operator/redemptions/prepare', redemption),
    payoutChoice: () => get<PayoutChoiceAnswer>('/operator/account'),
    changeAccount: (wanted: WantedAccountBody) => put<PayoutChoiceAnswer>('/operator/account', wanted),
    putBankAccount: (account: { readonly name: string; readonly iban: string; readonly bic?: string }) =>
      put<{ readonly ibanEnd: string }>('/operator/bank-account', account),
    operatorPoints: () => get<{ readonly points: readonly OwnPoint[] }>('/operator/points'),
    putOwnTariff: (evseId: string, tariff: OcpiTariffJson) =>
      put<{ readonly tariffId: Hex; readonly validFrom: number }>(
        `/operator/points/${id(evseId)}/tariff`,
        tariff,
      ),
    putOwnDynamic: (evseId: string, terms: DynamicTerms) =>
      put<DynamicTerms>(`/operator/points/${id(evseId)}/dynamic`, terms),
    deleteOwnDynamic: (evseId: string) =>
      remove<{ readonly removed: boolean }>(`/operator/points/${id(evseId)}/dynamic`),
    previewTariff: (preview: NewTariffPreview) => post<TariffPreview>('/operator/tariff-previews', preview),

    // Staff.
    addOperator: (operator: NewOperator) => post<Operator>('/admin/operators', operator),
    operators: () => get<{ readonly operators: readonly Operator[] }>('/admin/operators'),
    drivers: () => get<{ readonly drivers: readonly Driver[] }>('/admin/drivers'),
    closeDriver: (driverId: string) =>
      post<{ readonly revoked: number }>(`/admin/drivers/${id(driverId)}/close`, {}),
    statementOfDriver: (driverId: string, query: PeriodQuery = {}) =>
      get<DriverStatement>(`/admin/drivers/${id(driverId)}/statement${queryOf({ ...query })}`),
    statementOfOperator: (operatorId: string, query: PeriodQuery = {}) =>
      get<OperatorStatement>(`/admin/operators/${id(operatorId)}/statement${queryOf({ ...query })}`),
    putPoint: (point: NewPoint) => post<OwnPoint>('/admin/points', point),
    adminPoints: () => get<{ readonly points: readonly OwnPoint[] }>('/admin/points'),
    putTariff: (evseId: string, tariff: OcpiTariffJson) =>
      put<{ readonly tariffId: Hex; readonly validFrom: number }>(
        `/admin/points/${id(evseId)}/tariff`,
        tariff,
      ),
    putDynamic: (evseId: string, terms: DynamicTerms) =>
      put<DynamicTerms>(`/admin/points/${id(evseId)}/dynamic`, terms),
    deleteDynamic: (evseId: string) =>
      remove<{ readonly removed: boolean }>(`/admin/points/${id(evseId)}/dynamic`),
    priceFrames: () => get<PriceFramesAnswer>('/admin/price-frames'),
    putPriceFrames: (frames: readonly PriceFrame[]) =>
      put<PriceFramesAnswer>('/admin/price-frames', { frames }),
    commissions: () => get<{ readonly commissions: readonly CommissionAnswer[] }>('/admin/commissions'),
    putCommission: (commission: NewCommission) => put<CommissionAnswer>('/admin/commissions', commission),
    promotions: () => get<{ readonly promotions: readonly PromotionAnswer[] }>('/admin/promotions'),
    addPromotion: (promotion: Promotion) => post<Promotion>('/admin/promotions', promotion),
    endPromotion: (promotionId: string) =>
      remove<{ readonly endedAt: number }>(`/admin/promotions/${id(promotionId)}`),
    importRegister: (csv: string, name = 'bnetza') =>
      callProvider<RegisterImport>(
        settings,
        'POST',
        `/admin/register-imports?name=${id(name)}`,
        csv,
        'text/csv',
      ),
    certifyStation: (evseId: string, station: NewStationCertificate) =>
      post<ProvisionAnswer>(`/admin/points/${id(evseId)}/station-certificates`, station),
    revokeStation: (evseId: string) =>
      remove<{ readonly revoked: number }>(`/admin/points/${id(evseId)}/station-certificates`),

    signals: () => get<SignalList>('/admin/signals'),
    stateGrid: (area: string, grid: StatedGrid) =>
      put<{ readonly slots: number }>(`/admin/signals/grid/${id(area)}`, grid),

    closePeriod: (period: { readonly periodEnd: number; readonly peer?: string }) =>
      post<{ readonly periods: readonly ClosedPeriodAnswer[] }>('/admin/periods/close', period),
    batches: () =>
      get<{
        readonly batches: readonly BatchAnswer[];
        readonly outstanding: readonly OutstandingAnswer[];
      }>('/admin/batches'),
    ledger: () => get<LedgerAnswer>('/admin/ledger'),
    allRedemptions: () => get<{ readonly redemptions: readonly Redemption[] }>('/admin/redemptions'),
    beginRedemption: (redemptionId: string) =>
      post<Redemption>(`/admin/redemptions/${id(redemptionId)}/begin`, {}),
    payRedemption: (redemptionId: string, bankReference: string) =>
      post<Redemption>(`/admin/redemptions/${id(redemptionId)}/paid`, { bankReference }),
    payOut: (payout: NewPayout) => post<Payout>('/admin/payouts', payout),
    confirmReceipt: (receipt: NewReceipt) =>
      post<{ readonly txHash: string | null }>('/admin/receipts', receipt),

    openRound: (round: { readonly blockNumber?: number } = {}) =>
      post<NettingRoundAnswer>('/admin/netting/rounds', round),
    rounds: () => get<{ readonly rounds: readonly NettingRoundAnswer[] }>('/admin/netting/rounds'),
    closeRound: (roundId: string) =>
      post<NettingRoundAnswer>(`/admin/netting/rounds/${id(roundId)}/close`, {}),
    bankAccounts: () => get<{ readonly accounts: readonly PeerBankAccountAnswer[] }>('/admin/bank-accounts'),
    confirmBankAccount: (providerId: string, iban: string) =>
      post<PeerBankAccountAnswer>(`/admin/bank-accounts/${id(providerId)}/confirm`, { iban }),
    makePaymentFile: (file: { readonly executionDate?: string } = {}) =>
      post<MadePaymentFileAnswer>('/admin/payment-files', file),
    /** pain.001.001.09. */
    paymentFile: (messageId: string) =>
      callForText(settings, 'GET', `/admin/payment-files/${id(messageId)}`, { accept: 'application/xml' }),
    /** camt.054. */
    takeBankStatement: (xml: string) =>
      callProvider<TakenNotificationAnswer>(
        settings,
        'POST',
        '/admin/bank-statements',
        xml,
        'application/xml',
      ),
    bankEntries: (query: { readonly state?: BankEntryAnswer['state']; readonly limit?: number } = {}) =>
      get<{ readonly entries: readonly BankEntryAnswer[] }>(`/admin/bank-entries${queryOf({ ...query })}`),

    /** Any other call of the interface. */
    call: <Value>(method: string, path: string, body?: unknown): Answer<Value> =>
      callProvider<Value>(settings, method, path, body),
  };
}

export type ProviderClient = ReturnType<typeof providerClient>;
