import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProviderContext } from '../ProviderContext.ts';

export interface MemberKey {
  readonly publicKey: Hex;
  /** Epoch seconds; `retiredAt` 0 = in use. */
  readonly addedAt: number;
  readonly retiredAt: number;
}

export interface Member {
  readonly providerId: string;
  readonly name: string;
  readonly url: string;
  readonly keys: readonly MemberKey[];
}

type MembersContext = Pick<ProviderContext, 'db' | 'chain' | 'config' | 'clock' | 'certificateSigner'>;

/**
 * Brings the table of members up to date: from the consortium on the chain, or, where there is no
 * chain, from the configuration. Of who was removed the keys stay, retired. Throws where the chain
 * cannot be asked; what was read last then stays in force.
 */
export async function refreshMembers(context: MembersContext): Promise<void> {
  const { db, chain, config, clock, certificateSigner } = context;
  const now = clock.nowS();
  const own = { publicKey: certificateSigner.publicKey, addedAt: 0, retiredAt: 0 };
  const members =
    chain === undefined
      ? [
          {
            providerId: config.providerId,
            url: config.publicUrl,
            account: null,
            suspendedAt: 0,
            keys: [own],
          },
          ...config.peers.map((peer) => ({
            providerId: peer.providerId,
            url: peer.url,
            account: null,
            suspendedAt: 0,
            keys: (peer.keys ?? []).map((publicKey) => ({ publicKey, addedAt: 0, retiredAt: 0 })),
          })),
        ]
      : (await chain.members()).map(({ providerId, url, account, removedAt, suspendedAt, keys }) => ({
          providerId,
          url,
          account,
          suspendedAt,
          keys: keys.map((key) =>
            removedAt !== 0 && key.retiredAt === 0 ? { ...key, retiredAt: removedAt } : key,
          ),
        }));
  const names = new Map(config.peers.map((peer) => [peer.providerId, peer.name]));
  names.set(config.providerId, config.name);
  for (const { providerId, url, account, suspendedAt, keys } of members) {
    const name = names.get(providerId);
    const row = {
      url: url.replace(/\/+$/, ''),
      account,
      keys: JSON.stringify(keys),
      suspended_at: String(suspendedAt),
      read_at: String(now),
    };
    await db
      .insertInto('member')
      .values({ provider_id: providerId, name: name ?? providerId, ...row })
      .onConflict((conflict) =>
        conflict.column('provider_id').doUpdateSet({ ...row, ...(name !== undefined && { name }) }),
      )
      .execute();
  }
}

/** The members as last read, in the order of their ids. */
export async function readMembers(context: Pick<ProviderContext, 'db'>): Promise<readonly Member[]> {
  const rows = await context.db
    .selectFrom('member')
    .select(['provider_id', 'name', 'url', 'keys'])
    .orderBy('provider_id')
    .execute();
  return rows.map((row) => ({
    providerId: row.provider_id,
    name: row.name,
    url: row.url,
    keys: row.keys as readonly MemberKey[],
  }));
}
