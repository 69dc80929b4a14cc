import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { HonoRequest, MiddlewareHandler } from 'hono';
import { asStaff } from '../http/authenticate.ts';
import { problem } from '../http/Problem.ts';
import type { ProviderEnv } from '../http/ProviderApp.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { useNonce } from '../peers/asPeer.ts';
import { verifyRequest } from '../peers/verifyRequest.ts';
import type { CertifiedStation } from './PointTables.ts';

/**
 * Lets staff in by their token; and, where certificates are asked for without one, the station that
 * stands at this very point, by a signature of its certified key over the request (RFC 9421): the
 * certificate is valid and not revoked. Sets `station` for a station, and nothing for staff.
 */
export function asStaffOrStation(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  const staff = asStaff(context);
  return async (c, next) => {
    const { req } = c;
    const url = new URL(req.url);
    const point = /^\/admin\/points\/([^/]+)\/station-certificates$/.exec(url.pathname)?.[1];
    const isSigned = req.header('signature') !== undefined && req.header('authorization') === undefined;
    if (point === undefined || req.method !== 'POST' || !isSigned) return staff(c, next);
    c.set('station', await verifyStation(context, req, point));
    await next();
  };
}

/**
 * The station that stands at this point and signed the request with its certified key. Throws the problem
 * where there is none, or the signature is not its own, is old or was used before.
 */
export async function verifyStation(
  context: ProviderContext,
  req: HonoRequest,
  evseIdText: string,
): Promise<CertifiedStation> {
  const url = new URL(req.url);
  const now = context.clock.nowS();
  const certified = await findCertified(context, evseIdText, now);
  const verified = await verifyRequest(
    { method: req.method, headers: req.raw.headers, body: new Uint8Array(await req.arrayBuffer()) },
    [`${context.config.publicUrl}${url.pathname}${url.search}`, url.href],
    {
      keyOf: async (id) =>
        certified !== undefined && keyId(certified.public_key) === id
          ? { providerId: certified.uid, publicKey: certified.public_key }
          : undefined,
      verifier: context.verifier,
      now,
      useNonce: (uid, nonce, expiresAt) => useNonce(context, uid, nonce, expiresAt, now),
    },
  );
  if (!verified.ok) throw problem(verified.refusal, 401, verified.detail);
  if (certified === undefined) throw new Error('a request was verified with no key');
  return certified;
}

/** The point's latest certificate in force: a station that was replaced by another renews nothing. */
export async function findCertified(
  { db, config }: ProviderContext,
  evseIdText: string,
  now: number,
): Promise<CertifiedStation | undefined> {
  const evseId = parseEvseId(evseIdText);
  if (!evseId.ok) return undefined;
  return db
    .selectFrom('station_certificate as s')
    .innerJoin('evse as e', 'e.uid', 's.uid')
    .select(['s.uid', 's.public_key', 's.meter_public_key', 's.signed'])
    .where('s.uid', '=', formatEvseId(evseId.value))
    .where('e.provider_id', '=', config.providerId)
    .where('e.removed_at', 'is', null)
    .where('s.revoked_at', 'is', null)
    .where('s.not_before', '<=', String(now))
    .where('s.not_after', '>', String(now))
    .orderBy('s.issued_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
