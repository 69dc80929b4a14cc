import { Authorization, type SignedAuthorization } from '@p2p-power/protocol/Authorization';
import { DriverCertificate, type SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { emaidProviderId, parseEmaid } from '@p2p-power/protocol/Emaid';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { clockToleranceS } from '@p2p-power/protocol/verifyEvidence';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { AuthorizationRefusal } from './AuthorizationRefusal.ts';
import type { OpenOffer } from './OfferBook.ts';
import type { Provision } from './Provision.ts';
import type { Agreement } from './Session.ts';
import { sessionAmountMicro } from './sessionAmount.ts';
import { type Trust, trustedKey } from './TrustStore.ts';

/** All that the check needs besides the request: everything lies in the station, nothing is asked elsewhere. */
export interface AuthorizationContext {
  /** Epoch seconds. */
  readonly now: number;
  readonly provision: Provision;
  readonly stationCertificateId: Hex;
  readonly trust: Trust;
  /** A trust list older than this is not relied on, s. */
  readonly trustMaxAgeS: number;
  readonly findOffer: (offerId: Hex) => OpenOffer | undefined;
  /** Whether the journal holds this authorization already. */
  readonly isUsed: (authorizationId: Hex) => boolean;
  /** Whether energy can be taken from the car. */
  readonly takesEnergy: boolean;
  readonly isSessionRunning: boolean;
  readonly isOutOfOrder: boolean;
  readonly isJournalFull: boolean;
  readonly verifier: Verifier;
}

/** A request whose form is sound; nothing is said of its truth. */
export interface AuthorizationRequest {
  readonly driverCertificate: SignedDriverCertificate;
  readonly authorization: SignedAuthorization;
  readonly authorizationId: Hex;
}

/**
 * Whether this driver may charge here and now, alone and offline: the agreement to be journalled, or
 * the first refusal in the order of `authorizationRefusals`. What passes here passes `verifyEvidence`.
 */
export async function checkAuthorization(
  request: AuthorizationRequest,
  context: AuthorizationContext,
): Promise<Result<Agreement, AuthorizationRefusal>> {
  const { now, provision, trust, verifier } = context;
  const { networkId } = provision;
  const { driverCertificate, authorization, authorizationId } = request;
  const certificate = driverCertificate.value;
  const wish = authorization.value;

  if (context.isUsed(authorizationId))
    return refuse('authorization-replayed', 'this authorization is in the journal');
  if (!trust.content.providers.some(({ providerId }) => providerId === certificate.providerId))
    return refuse('unknown-provider', `${certificate.providerId} is not in the trust list`);
  const { providerId, issuerKeyId, notBefore, notAfter } = certificate;
  const issuerKey = trustedKey(trust, providerId, issuerKeyId, notBefore);
  if (issuerKey === undefined)
    return refuse('unknown-issuer-key', `not in the trust list, or retired, for ${providerId}`);
  const certificateId = DriverCertificate.id(networkId, certificate);
  if (!(await DriverCertificate.verify(networkId, driverCertificate, issuerKey, verifier)))
    return refuse('bad-certificate-signature', `not signed by ${providerId} for this network`);
  if (wish.signedAt < notBefore || now < notBefore - clockToleranceS)
    return refuse('certificate-not-yet-valid', `valid from ${notBefore}, signed at ${wish.signedAt}`);
  if (wish.signedAt >= notAfter || now >= notAfter + clockToleranceS)
    return refuse('certificate-expired', `valid until ${notAfter}, signed at ${wish.signedAt}`);
  if (trust.revoked.has(certificateId)) return refuse('certificate-revoked', 'on the list of revocations');
  if (now - trust.issuedAt > context.trustMaxAgeS)
    return refuse('trust-list-too-old', `issued at ${trust.issuedAt}, now ${now}`);
  const emaid = parseEmaid(certificate.emaid.text);
  if (!emaid.ok || emaidProviderId(emaid.value) !== providerId)
    return refuse('emaid-mismatch', `the contract id is not one of ${providerId}`);
  if (wish.driverCertificateId !== certificateId)
    return refuse('certificate-mismatch', 'the authorization names another certificate');
  if (wish.stationCertificateId !== context.stationCertificateId)
    return refuse('wrong-station', 'the authorization names another station, or another network');
  const open = context.findOffer(wish.offerId);
  if (open === undefined) return refuse('offer-unknown', 'not made here, forgotten, or used before');
  const { issuedAt, expiresAt } = open.offer.value;
  if (wish.signedAt >= expiresAt || now >= expiresAt + clockToleranceS)
    return refuse('offer-expired', `valid until ${expiresAt}, signed at ${wish.signedAt}`);
  if (!(await Authorization.verify(networkId, authorization, certificate.publicKey, verifier)))
    return refuse('bad-authorization-signature', 'not signed by the key of the certificate');
  if (Math.abs(wish.signedAt - now) > clockToleranceS || wish.signedAt < issuedAt - clockToleranceS)
    return refuse('clock-skew', `signed at ${wish.signedAt}, station’s time ${now}`);
  if (wish.maxEnergyWh === 0 || wish.maxAmountMicro === 0)
    return refuse('zero-bounds', `${wish.maxEnergyWh} Wh, ${wish.maxAmountMicro} micro-units`);
  if (wish.maxEnergyWh > certificate.maxEnergyWh || wish.maxAmountMicro > certificate.maxAmountMicro)
    return refuse(
      'bounds-above-certificate',
      `${wish.maxEnergyWh} of ${certificate.maxEnergyWh} Wh, ` +
        `${wish.maxAmountMicro} of ${certificate.maxAmountMicro} micro-units`,
    );
  const agreement: Agreement = {
    driverCertificate,
    stationCertificate: provision.certificate,
    offer: open.offer,
    tariff: open.tariff,
    ...(open.prices && { prices: open.prices }),
    authorization,
  };
  if (leastAmountMicro(agreement, now) > wish.maxAmountMicro)
    return refuse('bounds-below-price', 'the fee for a session alone is more');
  if (wish.leaveAt > 0 && wish.leaveAt <= Math.max(now, wish.startAt))
    return refuse('leave-time-past', `leaves at ${wish.leaveAt}`);
  if (wish.mayDischarge && !certificate.mayDischarge)
    return refuse('discharge-not-available', 'the certificate does not allow to discharge');
  if (wish.mayDischarge && !(context.takesEnergy && open.offer.value.feedInMicroPerKwh > 0))
    return refuse('discharge-not-available', 'point or car cannot give back, or nothing is paid for it');
  if (context.isSessionRunning) return refuse('session-running', 'one session at a time');
  if (context.isOutOfOrder || isStationExpired(provision, wish.signedAt))
    return refuse('station-out-of-order', 'a fault, or the station’s own certificate is not valid now');
  if (context.isJournalFull) return refuse('journal-full', 'no room for another record');
  return accept(agreement);
}

/** What a second at the point costs with no energy: fees and least prices. */
function leastAmountMicro(agreement: Agreement, now: number): number {
  const nothing = { importWh: 0, exportWh: 0, state: 'charging' } as const;
  return sessionAmountMicro(agreement, [
    { at: now, ...nothing },
    { at: now + 1, ...nothing },
  ]);
}

function isStationExpired({ certificate }: Provision, signedAt: number): boolean {
  return signedAt < certificate.value.notBefore || signedAt >= certificate.value.notAfter;
}
