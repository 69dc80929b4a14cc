import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
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
  /** The certificate's key was retired longer than the agreement's grace before the driver signed. */
  'unknown-driver-provider',
  'unknown-station-provider',
  /** The driver's provider was suspended or removed longer than the grace before the driver signed. */
  'debtor-not-liable',
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

  const members = await readStanding(context);
  const paid = await paidByForce(context, charges);

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
    // What the chain has made us pay we bill, whatever else we would have said of it.
    if (isOurDriver && paid.has(charge.authorizationId))
      return { ok: true, driverId: certificate?.driver_id ?? null };
    const { authorizedAt } = charge;
    const isPast = (endedAt: number) => endedAt !== 0 && authorizedAt >= endedAt + terms.graceS;
    const driverSide = members.get(charge.driverProvider);
    const driverKeyEndedAt = driverSide?.keys.get(charge.driverIssuerKeyId) ?? 0;
    if (isPast(driverKeyEndedAt))
      return no(
        'unknown-driver-provider',
        `its key was retired at ${driverKeyEndedAt}, signed at ${authorizedAt}`,
      );
    const stationKeyEndedAt = members.get(charge.operatorProvider)?.keys.get(charge.stationIssuerKeyId) ?? 0;
    if (isPast(stationKeyEndedAt))
      return no(
        'unknown-station-provider',
        `its key was retired at ${stationKeyEndedAt}, signed at ${authorizedAt}`,
      );
    if (peer !== me && isPast(driverSide?.suspendedAt ?? 0))
      return no(
        'debtor-not-liable',
        `${charge.driverProvider} answers for nothing since ${driverSide?.suspendedAt}`,
      );
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

interface Standing {
  /** When each certificate key ended, by its id; 0 = in use. */
  readonly keys: ReadonlyMap<Hex, number>;
  /** 0 in good standing. */
  readonly suspendedAt: number;
}

/** Of each member until when its keys, and it itself, count; epoch seconds. */
async function readStanding({ db }: IntakeContext): Promise<ReadonlyMap<string, Standing>> {
  const rows = await db.selectFrom('member').select(['provider_id', 'keys', 'suspended_at']).execute();
  return new Map(
    rows.map((row) => [
      row.provider_id,
      {
        keys: new Map(
          (row.keys as readonly { readonly publicKey: Hex; readonly retiredAt: number }[]).map((key) => [
            keyId(key.publicKey),
            key.retiredAt,
          ]),
        ),
        suspendedAt: Number(row.suspended_at),
      },
    ]),
  );
}

/** Authorizations for which we have been made to pay by a forced claim. */
async function paidByForce(
  { db, config }: IntakeContext,
  charges: readonly NewCharge[],
): Promise<ReadonlySet<Hex>> {
  if (charges.length === 0) return new Set();
  const rows = await db
    .selectFrom('forced_claim')
    .select('authorization_id')
    .where('debtor', '=', config.providerId)
    .where('direction', '=', 'charge')
    .where('state', '=', 'paid')
    .where(
      'authorization_id',
      'in',
      charges.map((charge) => charge.authorizationId),
    )
    .execute();
  return new Set(rows.map((row) => row.authorization_id));
}
