import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import { fromBytes, type Hex, toBytes } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { parseMeterPublicKey } from '@p2p-power/protocol/MeterPublicKey';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { type SignedStationCertificate, StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sha256 } from '@p2p-power/protocol/sha256';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { ProviderContext } from '../ProviderContext.ts';
import { noteGiven, signalsForPoint } from '../signals/stationSignals.ts';
import { publishRevocations } from '../trust/publishRevocations.ts';
import { publishTrustList } from '../trust/publishTrustList.ts';
import { type HeldTariff, withGiven } from './heldTariffs.ts';
import type { newStationCertificateSchema, ProvisionAnswer } from './PointSchemas.ts';
import { readTariff } from './printPoint.ts';
import { readDynamicTerms } from './readDynamicTerms.ts';

export type CertifyRefusal =
  | 'not-an-evse-id'
  | 'point-unknown'
  | 'not-a-public-key'
  | 'bad-meter-key'
  | 'tariff-missing';

/** A certificate begins this much before it is issued: stations' clocks lag. */
const backdatedS = 300;
const noCertification: Hex = `0x${'00'.repeat(32)}`;

/**
 * Certifies a station's key as the point with this EVSE-ID, and answers all that the station needs.
 * Asked again with the same keys within the first half of the certificate's life, the certificate is
 * the same and the rest fresh. Earlier certificates stay in force until they run out or are revoked,
 * so that what a replaced station still holds can be handed in.
 */
export async function certifyStation(
  context: ProviderContext,
  evseIdText: string,
  station: z.output<typeof newStationCertificateSchema>,
): Promise<Result<ProvisionAnswer, CertifyRefusal>> {
  const { db, config, clock, networkId, certificateSigner, courierKey } = context;
  const evseId = parseEvseId(evseIdText);
  if (!evseId.ok) return evseId;
  const uid = formatEvseId(evseId.value);
  if (!isPublicKey(station.publicKey)) return refuse('not-a-public-key', 'this is not a point of P-256');
  const meterKey = parseMeterPublicKey(station.meterPublicKey);
  if (!meterKey.ok) return refuse('bad-meter-key', `${meterKey.refusal}: ${meterKey.detail}`);
  const now = clock.nowS();

  const certified = await db.transaction().execute(async (tx) => {
    const found = await sql<{
      operator_id: string;
      account: Hex;
      tariff: unknown;
      time_zone: string;
      max_power_w: number;
      dynamic_terms: unknown;
      held_tariffs: readonly HeldTariff[] | null;
      feed_in_micro_per_kwh: number;
      grid_area: string | null;
    }>`
      select l.operator_id, o.account, e.tariff, l.time_zone, e.max_power_w, e.dynamic_terms, e.held_tariffs,
        e.feed_in_micro_per_kwh, e.grid_area
      from evse e join location l using (provider_id, location_id) join operator o using (operator_id)
      where e.provider_id = ${config.providerId} and e.uid = ${uid} and e.removed_at is null
      for update of e`.execute(tx);
    const point = found.rows[0];
    if (point === undefined) return refuse('point-unknown', 'none of our points has this EVSE-ID');
    const tariff = readTariff(point.tariff);
    if (tariff === undefined) return refuse('tariff-missing', 'the point needs a tariff first');
    const latest = await tx
      .selectFrom('station_certificate')
      .selectAll()
      .where('uid', '=', uid)
      .where('revoked_at', 'is', null)
      .orderBy('issued_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    const isFresh =
      latest !== undefined &&
      latest.public_key === station.publicKey &&
      latest.meter_public_key === meterKey.value.spki &&
      latest.operator_account === point.account &&
      2 * (now - Number(latest.not_before)) < Number(latest.not_after) - Number(latest.not_before);
    const known = isFresh ? (JSON.parse(latest.signed) as SignedStationCertificate) : undefined;
    const isSame =
      known !== undefined &&
      known.value.hardwareModel === station.hardwareModel &&
      known.value.metrologyClass === station.metrologyClass &&
      known.value.certificationHash === (station.certificationHash ?? noCertification);
    const certificate = isSame
      ? known
      : await StationCertificate.sign(
          networkId,
          {
            providerId: config.providerId,
            issuerKeyId: keyId(certificateSigner.publicKey),
            evseId: { salt: fromBytes(context.random.bytes(32)), text: uid },
            operatorAccount: point.account,
            publicKey: station.publicKey,
            meterKeyHash: sha256(toBytes(meterKey.value.spki)),
            notBefore: now - backdatedS,
            notAfter: now + config.stationCertificate.validityS,
            hardwareModel: station.hardwareModel,
            certificationHash: station.certificationHash ?? noCertification,
            metrologyClass: station.metrologyClass,
          },
          certificateSigner,
        );
    if (!isSame)
      await tx
        .insertInto('station_certificate')
        .values({
          certificate_id: StationCertificate.id(networkId, certificate.value),
          uid,
          evse_id: uid,
          operator_id: point.operator_id,
          operator_account: point.account,
          public_key: station.publicKey,
          meter_public_key: meterKey.value.spki,
          not_before: String(certificate.value.notBefore),
          not_after: String(certificate.value.notAfter),
          issued_at: String(now),
          revoked_at: null,
          signed: JSON.stringify(certificate),
        })
        .execute();
    const isReplaced = latest !== undefined && latest.public_key !== station.publicKey;
    const held = withGiven(isReplaced ? [] : (point.held_tariffs ?? []), {
      tariffId: tariffId(networkId, tariff),
      tariff: point.tariff,
      givenAt: now,
      until: certificate.value.notAfter,
    });
    await tx
      .updateTable('evse')
      .set({
        live: true,
        last_seen_at: String(now),
        meter_public_key: meterKey.value.spki,
        updated_at: String(now),
        held_tariffs: JSON.stringify(held),
        held_terms: JSON.stringify({ dynamic: point.dynamic_terms }),
        ...(station.linkUrl !== undefined && { link_url: station.linkUrl }),
      })
      .where('provider_id', '=', config.providerId)
      .where('uid', '=', uid)
      .execute();
    return accept({ certificate, tariff, point });
  });
  if (!certified.ok) return certified;
  const { certificate, tariff, point } = certified.value;
  const dynamic = readDynamicTerms(point.dynamic_terms);
  const { signals, priceSignalId } = await signalsForPoint(context, point);
  // Whoever asked may have to bring it to the station first.
  if (dynamic !== undefined) await noteGiven(context, uid, priceSignalId);
  return accept({
    networkId,
    certificate,
    tariff,
    timeZone: point.time_zone,
    maxPowerW: point.max_power_w,
    ...(dynamic !== undefined && { dynamic }),
    ...(point.feed_in_micro_per_kwh > 0 && { feedInMicroPerKwh: point.feed_in_micro_per_kwh }),
    ...(signals.length > 0 && { signals: [...signals] }),
    trustList: await publishTrustList(context),
    currency: tariff.currency,
    issuerKeys: [certificateSigner.publicKey],
    courierKey: { publicKey: courierKey.publicKey, keyId: courierKey.keyId },
  });
}

/** Takes all of a point's station certificates back, and publishes that: the point is not live any more. */
export async function revokeStation(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  evseIdText: string,
): Promise<Result<{ readonly revoked: number }, 'not-an-evse-id' | 'point-unknown'>> {
  const evseId = parseEvseId(evseIdText);
  if (!evseId.ok) return evseId;
  const uid = formatEvseId(evseId.value);
  const now = clock.nowS();
  return db.transaction().execute(async (tx) => {
    const point = await tx
      .updateTable('evse')
      .set({ live: false, updated_at: String(now) })
      .where('provider_id', '=', config.providerId)
      .where('uid', '=', uid)
      .executeTakeFirst();
    if (point.numUpdatedRows === 0n) return refuse('point-unknown', 'none of our points has this EVSE-ID');
    const rows = await tx
      .updateTable('station_certificate')
      .set({ revoked_at: String(now) })
      .where('uid', '=', uid)
      .where('revoked_at', 'is', null)
      .where('not_after', '>', String(now))
      .returning(['certificate_id', 'not_after'])
      .execute();
    await publishRevocations(
      tx,
      config.providerId,
      rows.map((row) => ({ certificateId: row.certificate_id, expiresAt: Number(row.not_after) })),
      now,
    );
    return accept({ revoked: rows.length });
  });
}
