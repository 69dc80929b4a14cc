import { accountSigner } from '@p2p-power/chain/accountSigner';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sealAccountKey } from '../operators/sealAccountKey.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Operator } from './PeopleSchemas.ts';

export type OperatorRefusal = 'operator-known' | 'account-taken';

/**
 * Enters an operator. Without an account of their own they get one whose key we keep, sealed. Entered
 * again with the same name and e-mail address (and account, if any) the answer is the same.
 */
export async function addOperator(
  context: Pick<ProviderContext, 'db' | 'random' | 'clock' | 'sealingKey'>,
  wanted: { readonly name: string; readonly email: string; readonly account?: string | undefined },
): Promise<Result<Operator, OperatorRefusal>> {
  const { db, random, clock, sealingKey } = context;
  const now = clock.nowS();
  const ownAccount = wanted.account?.toLowerCase() as Hex | undefined;
  return db.transaction().execute(async (tx) => {
    const known = await tx
      .selectFrom('operator')
      .selectAll()
      .where((where) =>
        where.or([
          where(where.fn('lower', ['email']), '=', wanted.email.toLowerCase()),
          ...(ownAccount === undefined ? [] : [where('account', '=', ownAccount)]),
        ]),
      )
      .executeTakeFirst();
    if (known !== undefined) {
      const isSamePerson = known.email.toLowerCase() === wanted.email.toLowerCase();
      if (!isSamePerson) return refuse('account-taken', 'another operator is paid at this account');
      if (known.name !== wanted.name || (ownAccount !== undefined && known.account !== ownAccount))
        return refuse('operator-known', 'an operator with this e-mail address is known by other data');
      return accept(printOperator(known));
    }
    const former = await tx
      .selectFrom('former_account')
      .select('operator_id')
      .where('account', '=', ownAccount ?? '0x')
      .executeTakeFirst();
    if (former !== undefined) return refuse('account-taken', 'another operator was paid at this account');
    const privateKey = fromBytes(random.bytes(32));
    const account = ownAccount ?? (accountSigner(privateKey).address.toLowerCase() as Hex);
    if (ownAccount === undefined)
      await tx
        .insertInto('account_key')
        .values({
          account,
          sealed_key: sealAccountKey(sealingKey, account, privateKey),
          created_at: String(now),
        })
        .execute();
    const row = await tx
      .insertInto('operator')
      .values({
        operator_id: `o${fromBytes(random.bytes(8)).slice(2)}`,
        name: wanted.name,
        email: wanted.email,
        account,
        account_kept: ownAccount === undefined,
        issuer: null,
        subject: null,
        created_at: String(now),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return accept(printOperator(row));
  });
}

export function printOperator(row: {
  readonly operator_id: string;
  readonly name: string;
  readonly email: string;
  readonly account: Hex;
  readonly account_kept: boolean;
  readonly created_at: string;
}): Operator {
  return {
    operatorId: row.operator_id,
    name: row.name,
    email: row.email,
    account: row.account,
    accountKept: row.account_kept,
    createdAt: Number(row.created_at),
  };
}
