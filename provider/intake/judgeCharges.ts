import type { Hex } from '@p2p-power/protocol/Hex';
import { sql } from 'kysely';
import type { ClearingTerms } from '../clearing/ClearingChain.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { agreementAt } from '../peers/Agreements.ts';
import { defaultTerms, type LiabilityTerms, readAgreements } from '../peers/readAgreements.ts';
import type { NewCharge } from './insertCharges.ts';

/** Why genuine evidence is refused by what a provider knows, in order of precedence. */
export const chargeRefusals = [
  /** Handed in at a provider whose station it is not. */
  'station-not-ours',
  /** A peer handed us a charge of a driver who is not ours. */
  'driver-not-ours',
  /** A peer handed us a charge at a point that is not one of its own. */
  'station-not-of-peer',
  /** In another currency than we bill in. */
  'wrong-currency',
  /** Signed with our key, but we know of no such certificate. */
  'driver-certificate-not-issued',
  /** The two providers had no agreement in force when the driver signed. */
  'no-agreement',
  /** Signed later than the revocation of the driver's certificate and the agreement's grace. */
  'driver-certificate-revoked',
  /** Signed later than the station's certificate was taken back. */
  'station-certificate-revoked',
  /** Later than the agreement's deadline after the end of the charge. */
  'handed-in-too-late',
  /** Another CDR has used the authorization. */
  'authorization-replayed',
] as const;
export type ChargeRefusal = (typeof chargeRefusals)[number];

/** What a provider's own knowledge says of a charge: whom we bill (null: a peer's driver), or no. */
export type Judgement =
  | { readonly ok: true; readonly driverId: string | null }
  | { readonly ok: false; readonly refusal: ChargeRefusal; readonly detail: string };

export type IntakeContext = Pick<ProviderContext, 'db' | 'config' | 'clock' | 'chain' | 'metrics'>;

/** Who brings a charge: a station (itself or by courier), or the operator's provider. */
export type Bringer = { readonly kind: 'station' } | { readonly kind: 'peer'; readonly providerId: string };

/**
 * Judges genuine charges by what this provider knows: whose driver and station, agreements,
 * revocations, deadlines. The liability rule: the driver's provider answers where the certificate was
 * not revoked for longer than the agreement's grace when the driver signed; among our own people the
 * same grace holds.
 */
export async function judgeCharges(
  context: IntakeContext,
  charges: readonly NewCharge[],
  bringer: Bringer,
  now: number,
): Promise<readonly Judgement[]> {
  const me = context.config.providerId;
  const issuers = new Map(charges.map((charge) => [charge.driverCertificateId, charge.driverProvider]));
  const known = await sql<{ certificate_id: Hex; driver_id: string | null; revoked_at: string | null }>`
    select asked.certificate_id, driver_id, revocation.revoked_at
    from unnest(${[...issuers.keys()]}::text[], ${[...issuers.values()]}::text[]) as asked (certificate_id, issuer)
    left join driver_certificate on driver_certificate.certificate_id = asked.certificate_id
    left join revocation
      on revocation.certificate_id = asked.certificate_id and revocation.provider_id = asked.issuer`.execute(
    context.db,
  );
  const certificates = new Map(known.rows.map((row) => [row.certificate_id, row]));
  const stations = new Map(charges.map((charge) => [charge.stationCertificateId, charge.operatorProvider]));
  const takenBack = await sql<{ certificate_id: Hex; revoked_at: string }>`
    select revocation.certificate_id, revocation.revoked_at from revocation
    join unnest(${[...stations.keys()]}::text[], ${[...stations.values()]}::text[]) as asked (certificate_id, issuer)
      on revocation.certificate_id = asked.certificate_id and revocation.provider_id = asked.issuer`.execute(
    context.db,
  );
  const stationRevokedAt = new Map(takenBack.rows.map((row) => [row.certificate_id, Number(row.revoked_at)]));
  const peerOf = (charge: NewCharge) =>
    charge.driverProvider === me ? charge.operatorProvider : charge.driverProvider;
  const newestOf = new Map<string, number>();
  for (const charge of charges) {
    const peer = peerOf(charge);
    if (peer !== me) newestOf.set(peer, Math.max(newestOf.get(peer) ?? 0, charge.authorizedAt));
  }
  const agreementsOf = new Map<string, readonly ClearingTerms[] | undefined>();
  for (const [peer, newest] of newestOf)
    agreementsOf.set(peer, await readAgreements(context, peer, now, newest));
  /** Those in force when the driver signed: for this charge they are so for ever. */
  const termsOf = (charge: NewCharge): LiabilityTerms | undefined => {
    const agreements = agreementsOf.get(peerOf(charge));
    // A chain that cannot be asked holds nothing up: the driver's provider judges too.
    return agreements === undefined ? defaultTerms : agreementAt(agreements, charge.authorizedAt);
  };

  return charges.map((charge): Judgement => {
    const isOurDriver = charge.driverProvider === me;
    const isOurStation = charge.operatorProvider === me;
    const certificate = certificates.get(charge.driverCertificateId);
    const peer = peerOf(charge);
    const terms = termsOf(charge);
    const no = (refusal: ChargeRefusal, detail: string): Judgement => ({ ok: false, refusal, detail });

    if (bringer.kind === 'station' && !isOurStation)
      return no('station-not-ours', `the station is one of ${charge.operatorProvider}`);
    if (bringer.kind === 'peer' && !isOurDriver)
      return no('driver-not-ours', `the driver is one of ${charge.driverProvider}`);
    if (bringer.kind === 'peer' && charge.operatorProvider !== bringer.providerId)
      return no('station-not-of-peer', `the station is one of ${charge.operatorProvider}`);
    if (charge.currency !== context.config.currency)
      return no('wrong-currency', `offered in ${charge.currency}, billed in ${context.config.currency}`);
    if (isOurDriver && (certificate?.driver_id ?? null) === null)
      return no('driver-certificate-not-issued', 'we know of no such certificate of ours');
    if (terms === undefined)
      return no('no-agreement', `no agreement with ${peer} was in force at ${charge.authorizedAt}`);
    const revokedAt = certificate?.revoked_at ?? null;
    if (revokedAt !== null && charge.authorizedAt > Number(revokedAt) + terms.graceS)
      return no(
        'driver-certificate-revoked',
        `signed at ${charge.authorizedAt}, revoked at ${revokedAt}, grace ${terms.graceS} s`,
      );
    const stationEndedAt = stationRevokedAt.get(charge.stationCertificateId);
    if (stationEndedAt !== undefined && charge.authorizedAt > stationEndedAt)
      return no(
        'station-certificate-revoked',
        `signed at ${charge.authorizedAt}, revoked at ${stationEndedAt}`,
      );
    if (peer !== me && now > charge.endedAt + terms.handInDeadlineS)
      return no('handed-in-too-late', `ended at ${charge.endedAt}, deadline ${terms.handInDeadlineS} s`);
    return { ok: true, driverId: isOurDriver ? (certificate?.driver_id ?? null) : null };
  });
}
