import type { ProviderContext } from '../ProviderContext.ts';

/** Whether this is a provider of the network, we among them. */
export async function isMember(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  providerId: string,
): Promise<boolean> {
  if (providerId === config.providerId) return true;
  const member = await db
    .selectFrom('member')
    .select('provider_id')
    .where('provider_id', '=', providerId)
    .executeTakeFirst();
  return member !== undefined;
}
