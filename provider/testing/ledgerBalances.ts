import { expect } from 'vitest';
import type { TestProvider } from './testProvider.ts';

/** Ledger balances as `kind owner` → micro-units, without those at 0; they come to zero, or the test fails. */
export async function ledgerBalances(provider: TestProvider): Promise<Record<string, number>> {
  const { body } = await provider.call('GET', '/admin/ledger', { as: 'staff' });
  expect(body.totalMicro).toBe(0);
  return Object.fromEntries(
    body.accounts
      .map((account: { kind: string; owner: string; balanceMicro: string }) => [
        `${account.kind} ${account.owner}`.trim(),
        Number(account.balanceMicro),
      ])
      .filter(([, micro]: [string, number]) => micro !== 0),
  );
}
