import type { SignedInOperator } from '../http/ProviderApp.ts';
import type { TokenSubject } from '../identity/AccessTokens.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/**
 * The operator of a sign-in. The staff enters an operator with an e-mail address; the first sign-in
 * whose identity provider vouches for that address becomes the operator's for good.
 */
export async function operatorOf(
  context: ProviderContext,
  subject: TokenSubject,
): Promise<SignedInOperator | undefined> {
  const columns = ['operator_id', 'name', 'account', 'account_kept'] as const;
  const known = () =>
    context.db
      .selectFrom('operator')
      .select(columns)
      .where('issuer', '=', subject.issuer)
      .where('subject', '=', subject.subject)
      .executeTakeFirst();
  let row = await known();
  if (row === undefined && subject.email !== null && subject.emailVerified)
    row = await context.db
      .updateTable('operator')
      .set({ issuer: subject.issuer, subject: subject.subject })
      .where('subject', 'is', null)
      .where((where) => where(where.fn('lower', ['email']), '=', (subject.email as string).toLowerCase()))
      .returning(columns)
      .executeTakeFirst();
  // Another request of the same first sign-in may have been quicker.
  row ??= await known();
  return (
    row && {
      operatorId: row.operator_id,
      name: row.name,
      account: row.account,
      accountKept: row.account_kept,
    }
  );
}
