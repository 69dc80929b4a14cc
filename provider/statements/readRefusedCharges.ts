import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { DriverPeriod } from './readDriverCharges.ts';
import type { RefusedCharge } from './StatementSchemas.ts';

/** Most that are looked at and shown. */
const maxRefused = 100;

/**
 * What a driver's charging was refused for, newest first: CDRs that a certified station signed and that
 * this provider refused by name, e.g. because they ask for more than the tariff does. Only those that
 * name an authorization which the driver's own key signed: of others the driver knows nothing.
 */
export async function readRefusedCharges(
  context: Pick<ProviderContext, 'db' | 'networkId' | 'verifier'>,
  period: DriverPeriod,
): Promise<RefusedCharge[]> {
  const { networkId, verifier } = context;
  const found = await sql<{
    refusal: string;
    detail: string;
    received_at: string;
    content: string;
    public_key: Hex;
  }>`
    select distinct on (quarantine.cdr_id) quarantine.cdr_id, refusal, detail, received_at, content, public_key
      from quarantine
      join driver_certificate on driver_certificate.public_key = quarantine.driver_public_key
      where driver_id = ${period.driverId} and accepted_at is null and content is not null
        and not exists (select from charge where charge.cdr_id = quarantine.cdr_id)
      order by quarantine.cdr_id, received_at desc limit ${maxRefused}`.execute(context.db);
  const refused: RefusedCharge[] = [];
  for (const row of found.rows) {
    const evidence = JSON.parse(row.content) as Evidence;
    const authorization = Authorization.parseSigned(evidence.authorization);
    const cdr = ChargeDetailRecord.parseSigned(evidence.cdr);
    const station = StationCertificate.parseSigned(evidence.stationCertificate);
    if (!authorization.ok || !cdr.ok || !station.ok) continue;
    const authorizationId = Authorization.id(networkId, authorization.value.value);
    const { value } = cdr.value;
    if (value.authorizationId !== authorizationId) continue;
    if (value.endedAt < period.from || value.endedAt >= period.to) continue;
    if (!(await Authorization.verify(networkId, authorization.value, row.public_key, verifier))) continue;
    const { currency, timeZone }: { readonly currency?: unknown; readonly timeZone?: unknown } =
      evidence.offer?.value ?? {};
    refused.push({
      cdrId: ChargeDetailRecord.id(networkId, value),
      authorizationId,
      evseId: station.value.value.evseId.text,
      operatorProvider: station.value.value.providerId,
      startedAt: value.startedAt,
      endedAt: value.endedAt,
      importedWh: value.importedWh,
      chargeMicro: value.chargeMicro,
      currency: typeof currency === 'string' ? currency : '',
      timeZone: typeof timeZone === 'string' ? timeZone : '',
      refusal: row.refusal,
      detail: row.detail,
      receivedAt: Number(row.received_at),
    });
  }
  return refused.sort((one, other) => other.endedAt - one.endedAt);
}

/** The evidence of a CDR that names one of the driver's certificates and was refused, as it was brought. */
export async function refusedEvidence(
  { db }: Pick<ProviderContext, 'db'>,
  driverId: string,
  cdrId: Hex,
): Promise<string | undefined> {
  const found = await db
    .selectFrom('quarantine')
    .innerJoin('driver_certificate', 'driver_certificate.public_key', 'quarantine.driver_public_key')
    .select('content')
    .where('cdr_id', '=', cdrId)
    .where('driver_id', '=', driverId)
    .where('content', 'is not', null)
    .orderBy('received_at')
    .limit(1)
    .executeTakeFirst();
  return found?.content ?? undefined;
}
