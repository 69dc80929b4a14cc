import { DriverCertificate, type SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { formatEmaid, pseudonymousEmaid } from '@p2p-power/protocol/Emaid';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';

export type IssueRefusal = 'not-a-public-key' | 'key-of-another' | 'account-closed' | 'too-many-certificates';

/** The same key asked about again within this time gets the certificate that it has. */
const sameAnswerForS = 3_600;
/** A certificate begins this much before it is issued: stations' clocks lag. */
const backdatedS = 300;
/** Certificates that a driver may have issued in a day; one a device and renewal is far below. */
const mostPerDay = 100;

/**
 * Issues a certificate for a driver's key, with a contract id (eMAID) that nobody but us can connect
 * with the driver or with the driver's other certificates.
 */
export async function issueDriverCertificate(
  context: ProviderContext,
  driverId: string,
  publicKey: Hex,
): Promise<Result<SignedDriverCertificate, IssueRefusal>> {
  if (!isPublicKey(publicKey)) return refuse('not-a-public-key', 'this is not a point of P-256');
  const { db, clock, config, networkId, certificateSigner } = context;
  const now = clock.nowS();
  return db.transaction().execute(async (tx) => {
    // One at a time per driver, so that a doubled request meets its first one's answer.
    const driver = await sql<{ closed_at: string | null }>`
      select closed_at from driver where driver_id = ${driverId} for update`.execute(tx);
    if (driver.rows[0]?.closed_at !== null) return refuse('account-closed', 'this account has been closed');
    const ofKey = await tx
      .selectFrom('driver_certificate')
      .select(['driver_id', 'issued_at', 'revoked_at', 'signed'])
      .where('public_key', '=', publicKey)
      .orderBy('issued_at', 'desc')
      .execute();
    if (ofKey.some((row) => row.driver_id !== driverId))
      return refuse('key-of-another', 'this key is certified for somebody else');
    const [latest] = ofKey;
    if (latest && latest.revoked_at === null && now - Number(latest.issued_at) < sameAnswerForS)
      return accept(JSON.parse(latest.signed) as SignedDriverCertificate);
    const today = await tx
      .selectFrom('driver_certificate')
      .select((select) => select.fn.countAll<string>().as('count'))
      .where('driver_id', '=', driverId)
      .where('issued_at', '>', String(now - 86_400))
      .executeTakeFirstOrThrow();
    if (Number(today.count) >= mostPerDay)
      return refuse('too-many-certificates', `more than ${mostPerDay} certificates in a day`);

    const { validityS, maxEnergyWh, maxAmountMicro, mayDischarge } = config.driverCertificate;
    const emaid = await unusedEmaid(context, (candidate) =>
      tx.selectFrom('driver_certificate').select('emaid').where('emaid', '=', candidate).executeTakeFirst(),
    );
    const signed = await DriverCertificate.sign(
      networkId,
      {
        providerId: config.providerId,
        issuerKeyId: keyId(certificateSigner.publicKey),
        emaid: { salt: fromBytes(context.random.bytes(32)), text: emaid },
        publicKey,
        notBefore: now - backdatedS,
        notAfter: now + validityS,
        maxEnergyWh,
        maxAmountMicro,
        mayDischarge,
      },
      certificateSigner,
    );
    await tx
      .insertInto('driver_certificate')
      .values({
        certificate_id: DriverCertificate.id(networkId, signed.value),
        driver_id: driverId,
        emaid,
        public_key: publicKey,
        not_before: String(signed.value.notBefore),
        not_after: String(signed.value.notAfter),
        issued_at: String(now),
        revoked_at: null,
        signed: JSON.stringify(signed),
      })
      .execute();
    return accept(signed);
  });
}

async function unusedEmaid(
  context: ProviderContext,
  find: (candidate: string) => Promise<unknown>,
): Promise<string> {
  for (;;) {
    const candidate = formatEmaid(pseudonymousEmaid(context.config.providerId, context.random.bytes(16)));
    if ((await find(candidate)) === undefined) return candidate;
  }
}
