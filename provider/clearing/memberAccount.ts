import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProviderContext } from '../ProviderContext.ts';
import type { ClearingChain } from './ClearingChain.ts';

/** The chain account of a member: as the chain says now, else as it was last read; undefined where it is none. */
export async function memberAccount(
  context: Pick<ProviderContext, 'db'>,
  chain: ClearingChain,
  providerId: string,
): Promise<Hex | undefined> {
  try {
    const members = await chain.members();
    return members.find((member) => member.providerId === providerId && member.removedAt === 0)?.account;
  } catch {
    const known = await context.db
      .selectFrom('member')
      .select('account')
      .where('provider_id', '=', providerId)
      .executeTakeFirst();
    return known?.account ?? undefined;
  }
}
