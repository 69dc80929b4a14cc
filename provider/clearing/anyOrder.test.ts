import type { Evidence } from '@p2p-power/protocol/Evidence';
import { steadyReadings } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { claimPayouts } from '../operators/claimPayouts.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';
import type { TestProvider } from '../testing/testProvider.ts';
import { clearOnce, closePeriod } from './closePeriod.ts';

type Step =
  | { readonly kind: 'hand-in'; readonly charges: readonly number[] }
  | { readonly kind: 'deliver' | 'close' | 'clear' | 'claim' }
  | { readonly kind: 'wire'; readonly every: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('hand-in' as const),
      charges: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('deliver' as const, 'close' as const, 'clear' as const, 'claim' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wire' as const), every: fc.integer({ min: 1, max: 4 }) }),
  },
);

/** Every `every`-th message is lost, before or after it had its effect; 1 loses none. */
function loseSome(world: ChainWorld, every: number): void {
  let sent = 0;
  world.wire = async (request, deliver) => {
    sent++;
    if (every > 1 && sent % every === 0) {
      if (sent % 2) await deliver(request);
      throw new TypeError('lost');
    }
    return deliver(request);
  };
}

async function run(world: ChainWorld, charges: readonly Evidence[], one: Step): Promise<void> {
  world.clock.advance(700);
  const { a, b, chains } = world;
  switch (one.kind) {
    case 'hand-in': {
      const evidence = one.charges.map((index) => charges[index] as Evidence);
      const { status } = await b.call('POST', '/hand-in', {
        body: { segments: [await world.seal(evidence)] },
      });
      expect(status).toBe(200);
      return;
    }
    case 'deliver':
      await deliverEvidence(b.context);
      return;
    case 'close':
      await closePeriod(b.context, chains.b, { periodEnd: world.clock.nowS() });
      await closePeriod(a.context, chains.a, { periodEnd: world.clock.nowS() });
      return;
    case 'clear':
      await clearOnce(b.context);
      await clearOnce(a.context);
      return;
    case 'claim':
      await claimPayouts(b.context, chains.b, bertsAccount);
      return;
    case 'wire':
      loseSome(world, one.every);
  }
}

/** What must hold at every moment in a provider's books. */
async function check(provider: TestProvider): Promise<void> {
  const { rows } = await sql<Record<string, string>>`
    select (select coalesce(sum(amount_micro), 0) from ledger_line) as total,
      (select count(*) from (select from ledger_line group by entry_id having sum(amount_micro) <> 0 or count(*) < 2) as x) as unbalanced,
      (select count(*) from charge where state in ('booked', 'accepted')) as decided,
      (select count(*) from ledger_entry where kind = 'charge') as booked,
      (select count(*) from batch where total_micro <> (
        select coalesce(sum(charge_micro), 0) from charge where driver_provider = debtor
          and operator_provider = creditor and charge_sequence = sequence) + (
        select coalesce(sum(credit_micro), 0) from charge where operator_provider = debtor
          and driver_provider = creditor and credit_sequence = sequence)) as wrong_batches,
      (select count(*) from batch where total_micro - fee_micro <> (
        select sum(payout_micro) from batch_payout as payout
        where payout.channel_id = batch.channel_id and payout.sequence = batch.sequence)) as wrong_payouts`.execute(
    provider.database.db,
  );
  const [row] = rows;
  expect(row).toMatchObject({ total: '0', unbalanced: '0', wrong_batches: '0', wrong_payouts: '0' });
  expect(row?.booked).toBe(row?.decided);
}

const balancesOf = async (provider: TestProvider) => {
  const { body } = await provider.call('GET', '/admin/ledger', { as: 'staff' });
  const of = (kind: string) =>
    body.accounts
      .filter((account: { kind: string }) => account.kind === kind)
      .reduce((sum: number, account: { balanceMicro: number }) => sum + account.balanceMicro, 0);
  return { of, positionMicro: body.positionMicro as number };
};

test('in whatever order things happen and messages are lost, every charge is booked, settled and paid once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const world = await openChainWorld();
      try {
        const charges = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            world.charge(`charge ${index}`, {
              ...(index % 3 === 0 && { driver: world.dora }),
              ...(index % 4 === 1 && { readings: steadyReadings(1_780_272_061, 3_600, 5_000, 4_000) }),
            }),
          ),
        );
        for (const one of steps) {
          await run(world, charges, one);
          await check(world.a);
          await check(world.b);
        }
        // The noise ends, and all that was left open is finished.
        loseSome(world, 1);
        world.clock.advance(10_000);
        for (const one of ['deliver', 'close', 'clear', 'close', 'clear', 'claim'] as const) {
          await run(world, charges, { kind: one });
          world.clock.advance(10_000);
        }
        await clearOnce(world.b.context);
        for (const provider of [world.a, world.b]) await check(provider);
        const kept = await world.b.database.db.selectFrom('charge').selectAll().execute();
        const foreign = kept.filter((row) => row.driver_provider === 'DEAAA');
        const sum = (amount: (row: (typeof kept)[number]) => string) =>
          foreign.reduce((total, row) => total + Number(amount(row)), 0);
        const [a, b] = [await balancesOf(world.a), await balancesOf(world.b)];
        for (const { of, positionMicro } of [a, b]) {
          expect(of('peer-receivable') + of('peer-payable') + of('operator-earned')).toBe(0);
          expect(of('chain-position')).toBe(-positionMicro || 0);
        }
        expect(a.of('driver')).toBe(sum((row) => row.charge_micro) - sum((row) => row.credit_micro));
        expect(b.of('operator-claimable')).toBe(0);
        const tokens = Number(await world.chains.b.balanceMicro(bertsAccount));
        expect(tokens).toBe(sum((row) => row.charge_micro) + b.of('fee-income'));
        expect(foreign.every((row) => row.charge_sequence !== null)).toBe(true);
      } finally {
        await world.close();
      }
    }),
    { numRuns: 4 },
  );
}, 240_000);
