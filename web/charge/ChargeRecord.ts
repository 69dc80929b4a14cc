import type { Outlook, SessionWish } from '@p2p-power/planning/sessionWish';
import { Authorization, type SignedAuthorization } from '@p2p-power/protocol/Authorization';
import type { DriverCertificate, SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import type { SessionStatus } from '@p2p-power/protocol/LocalLink';
import type { OfferedPrices } from '@p2p-power/protocol/OfferedPrices';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { Store } from '../store/Store.ts';
import type { CheckedConditions } from './checkConditions.ts';

/** Power and energy at an instant, for the curve. */
export interface Sample {
  readonly at: number;
  readonly powerW: number;
  readonly energyWh: number;
}

/** The conditions of a charge that its plan rests on. */
export interface AgreedConditions {
  readonly tariff: Tariff;
  readonly timeZone: string;
  readonly prices?: OfferedPrices;
  readonly outlook: Outlook;
}

/** A charge as this phone knows it: what was signed, how it stands, in the end the receipt. */
export interface ChargeRecord {
  readonly authorizationId: Hex;
  readonly networkId: Hex;
  readonly authorization: SignedAuthorization;
  readonly driverCertificate: SignedDriverCertificate;
  readonly evseId: string;
  /** What the map calls the point; its EVSE-ID where the map does not know it. */
  readonly pointName: string;
  readonly address: string;
  readonly linkUrl: string;
  readonly currency: string;
  readonly maxPowerW: number;
  /** What was agreed to, so that the plan can be shown with its prices; not in charges of earlier versions. */
  readonly agreed?: AgreedConditions;
  /** Epoch seconds, the phone's clock. */
  readonly signedAt: number;
  /** `asked` until the station says that it started. */
  readonly state: 'asked' | 'running' | 'ended' | 'refused';
  readonly status?: SessionStatus;
  readonly samples: readonly Sample[];
  readonly evidence?: Evidence;
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** What the driver wishes, by the names of `Authorization`. Wh, micro-units, epoch seconds (0 = unknown). */
export interface Wishes {
  readonly maxEnergyWh: number;
  readonly maxAmountMicro: number;
  readonly mode: 'immediate' | 'cheapest' | 'greenest';
  readonly leaveAt: number;
  readonly mayDischarge: boolean;
  readonly reserveWh: number;
  readonly targetWh: number;
}

/** Wishes within the bounds of the certificate, as they are signed, and as the station plans by them. */
export function signedWish(wishes: Wishes, certificate: CertificateBounds | undefined): SessionWish {
  const { maxEnergyWh, maxAmountMicro } = certificate ?? wishes;
  return {
    mode: wishes.mode,
    startAt: 0,
    leaveAt: wishes.leaveAt,
    maxPowerW: 0,
    maxEnergyWh: Math.min(wishes.maxEnergyWh, maxEnergyWh),
    maxAmountMicro: Math.min(wishes.maxAmountMicro, maxAmountMicro),
    mayDischarge: wishes.mayDischarge && certificate?.mayDischarge === true,
    reserveWh: wishes.reserveWh,
    targetWh: wishes.targetWh,
  };
}

type CertificateBounds = Pick<DriverCertificate, 'maxEnergyWh' | 'maxAmountMicro' | 'mayDischarge'>;

/** Signs yes to checked conditions within bounds that are never wider than the certificate's. */
export async function signAuthorization(
  checked: CheckedConditions,
  certificate: SignedDriverCertificate,
  driverCertificateId: Hex,
  signer: Signer,
  wishes: Wishes,
  now: number,
  nonce: Uint8Array,
): Promise<{ readonly authorizationId: Hex; readonly authorization: SignedAuthorization }> {
  const { networkId } = checked.conditions;
  const authorization = await Authorization.sign(
    networkId,
    {
      driverCertificateId,
      stationCertificateId: checked.stationCertificateId,
      offerId: checked.offerId,
      signedAt: now,
      nonce: fromBytes(nonce),
      ...signedWish(wishes, certificate.value),
    },
    signer,
  );
  return { authorizationId: Authorization.id(networkId, authorization.value), authorization };
}

/** Samples kept of one charge: a curve needs no more. */
const maxSamples = 400;

/** The record with what the station says now; when samples grow too many every other one goes. */
export function withStatus(record: ChargeRecord, status: SessionStatus): ChargeRecord {
  const { at, powerW, energyWh } = status;
  const before = record.samples.at(-1);
  const isNews = before === undefined || at > before.at;
  const samples = isNews ? [...record.samples, { at, powerW, energyWh }] : record.samples;
  return {
    ...record,
    state: status.state === 'ended' ? 'ended' : 'running',
    status,
    samples: samples.length > maxSamples ? samples.filter((_, index) => index % 2 === 0) : samples,
  };
}

export async function saveCharge(store: Store, record: ChargeRecord): Promise<void> {
  await store.put(`charge/${record.authorizationId}`, record);
}

export async function chargeById(store: Store, authorizationId: string): Promise<ChargeRecord | undefined> {
  return (await store.get(`charge/${authorizationId}`)) as ChargeRecord | undefined;
}

/** All charges of this phone, the latest first. */
export async function listCharges(store: Store): Promise<readonly ChargeRecord[]> {
  const entries = await store.list('charge/');
  return entries.map(([, value]) => value as ChargeRecord).sort((a, b) => b.signedAt - a.signedAt);
}

/** Whether the charge may still run, or waits for its receipt. */
export function isOpen(record: ChargeRecord): boolean {
  return record.evidence === undefined && record.refusal === undefined;
}
