import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { MiddlewareHandler } from 'hono';
import { problem } from '../http/Problem.ts';
import type { ProviderEnv } from '../http/ProviderApp.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { verifyRequest } from './verifyRequest.ts';

/**
 * Lets other members of the consortium in by the signature of their request (RFC 9421); sets `peer`.
 * The target that they sign is our `publicUrl`, whatever the Host header says: with that, a request
 * signed for one member could be brought to another.
 */
export function asPeer(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  return async (c, next) => {
    const { req } = c;
    const url = new URL(req.url);
    const now = context.clock.nowS();
    const verified = await verifyRequest(
      { method: req.method, headers: req.raw.headers, body: new Uint8Array(await req.arrayBuffer()) },
      [`${context.config.publicUrl}${url.pathname}${url.search}`],
      {
        keyOf: (id) => findKey(context, id, now),
        verifier: context.verifier,
        now,
        useNonce: (providerId, nonce, expiresAt) => useNonce(context, providerId, nonce, expiresAt, now),
      },
    );
    if (!verified.ok) throw problem(verified.refusal, 401, verified.detail);
    if (verified.value.providerId === context.config.providerId)
      throw problem('signature-key-unknown', 401, 'the key is our own');
    c.set('peer', verified.value.providerId);
    await next();
  };
}

/** The member that has this certificate key in use. */
async function findKey(
  context: ProviderContext,
  id: Hex,
  now: number,
): Promise<{ readonly providerId: string; readonly publicKey: Hex } | undefined> {
  const members = await context.db.selectFrom('member').select(['provider_id', 'keys']).execute();
  for (const member of members) {
    for (const key of member.keys as readonly { publicKey: Hex; retiredAt: number }[]) {
      const inUse = key.retiredAt === 0 || now < key.retiredAt;
      if (inUse && keyId(key.publicKey) === id)
        return { providerId: member.provider_id, publicKey: key.publicKey };
    }
  }
  return undefined;
}

/** Remembers that a caller (a peer's id, a station's EVSE-ID) used this nonce; false where it had before. */
export async function useNonce(
  context: ProviderContext,
  providerId: string,
  nonce: string,
  expiresAt: number,
  now: number,
): Promise<boolean> {
  const used = await context.db
    .insertInto('peer_nonce')
    .values({ provider_id: providerId, nonce, expires_at: String(expiresAt) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('nonce')
    .execute();
  // Now and then, what nobody can send any more is forgotten.
  if (context.random.bytes(1)[0] === 0)
    await context.db.deleteFrom('peer_nonce').where('expires_at', '<', String(now)).execute();
  return used.length === 1;
}
