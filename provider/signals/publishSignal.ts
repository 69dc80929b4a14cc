import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import {
  parseSignalContent,
  type Signal,
  SignalHead,
  signalContentHash,
  signSignal,
} from '@p2p-power/protocol/Signal';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { SignalKind } from './SignalTables.ts';

export type SignalContext = Pick<
  ProviderContext,
  'db' | 'config' | 'clock' | 'certificateSigner' | 'networkId'
>;

/** A signal as it goes out, with its id. */
export interface PublishedSignal {
  readonly id: Hex;
  readonly signal: Signal;
}

/** Half of this a signal is given out unchanged where no point's terms ask for a fresher one. */
const usualAgeS = 3_600;

/**
 * The newest signal of ours of a kind and area, signed anew where its content changed, or where half of the
 * shortest age is over that a point of ours relies on it for. Undefined where nothing is known.
 */
export async function publishSignal(
  context: SignalContext,
  kind: SignalKind,
  area: string,
): Promise<PublishedSignal | undefined> {
  const { db, config, clock, certificateSigner, networkId } = context;
  const series = await db
    .selectFrom('signal_series')
    .select('content')
    .where('kind', '=', kind)
    .where('area', '=', area)
    .executeTakeFirst();
  const content = parseSignalContent(series?.content);
  if (content === undefined) return undefined;
  const now = clock.nowS();
  const latest = await readLatest(context, config.providerId, kind, area);
  if (latest !== undefined) {
    const { contentHash, issuedAt, issuerKeyId } = latest.signal.head.value;
    const isSame =
      contentHash === signalContentHash(JSON.stringify(content)) &&
      issuerKeyId === keyId(certificateSigner.publicKey);
    if (isSame && 2 * (now - issuedAt) < (await shortestAgeS(context, area))) return latest;
  }
  // Of two signals the one issued later holds: two within one second must differ in it.
  const issuedAt = Math.max(now, (latest?.signal.head.value.issuedAt ?? 0) + 1);
  const head = {
    providerId: config.providerId,
    issuerKeyId: keyId(certificateSigner.publicKey),
    area,
    issuedAt,
  };
  const signal = await signSignal(networkId, head, content, certificateSigner);
  const id = SignalHead.id(networkId, signal.head.value);
  await db
    .insertInto('signal')
    .values({
      signal_id: id,
      provider_id: config.providerId,
      kind,
      area,
      issued_at: String(issuedAt),
      signed: JSON.stringify(signal),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { id, signal };
}

/** The signal of a provider that was issued last, as we keep it. */
async function readLatest(
  { db }: Pick<ProviderContext, 'db'>,
  providerId: string,
  kind: SignalKind,
  area: string,
): Promise<PublishedSignal | undefined> {
  const row = await db
    .selectFrom('signal')
    .select(['signal_id', 'signed'])
    .where('provider_id', '=', providerId)
    .where('kind', '=', kind)
    .where('area', '=', area)
    .orderBy('issued_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { id: row.signal_id, signal: JSON.parse(row.signed) as Signal };
}

/** The signal of a provider with this id, while we keep it. */
export async function readKept(
  { db }: Pick<ProviderContext, 'db'>,
  providerId: string,
  kind: SignalKind,
  area: string,
  id: Hex,
): Promise<PublishedSignal | undefined> {
  const row = await db
    .selectFrom('signal')
    .select(['signal_id', 'signed'])
    .where('signal_id', '=', id)
    .where('provider_id', '=', providerId)
    .where('kind', '=', kind)
    .where('area', '=', area)
    .executeTakeFirst();
  return row && { id: row.signal_id, signal: JSON.parse(row.signed) as Signal };
}

/** The shortest `maxAgeS` of the terms of our points in this area, s. */
async function shortestAgeS({ db, config }: SignalContext, area: string): Promise<number> {
  const found = await sql<{ age: number | null }>`
    select min((dynamic_terms->>'maxAgeS')::int) as age from evse
    where provider_id = ${config.providerId} and removed_at is null and dynamic_terms->>'area' = ${area}`.execute(
    db,
  );
  return found.rows[0]?.age ?? usualAgeS;
}
