import { dawn, day } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBooks } from '../audit/openBooks.ts';
import { runAudit } from '../audit/runAudit.ts';
import { disputeOnce } from '../disputes/disputesJob.ts';
import { type DisputeWorld, openDisputeWorld } from '../testing/disputeWorld.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';

let world: DisputeWorld;
beforeAll(async () => {
  world = await openDisputeWorld({ config: { disputes: { automatic: true, patienceS: 3_600 } } });
});
afterAll(() => world.close());

test('by force an operator with a commission is paid the charge, and owes its provider what is over', async () => {
  // Entered long before the charge; the clock of this world stands behind it.
  await world.b.database.db
    .insertInto('commission')
    .values({
      scope: 'all',
      subject: '',
      terms: JSON.stringify({ perKwhMicro: 50_000, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 }),
      valid_from: String(dawn - day),
      entered_at: String(dawn - day),
    })
    .execute();
  world.wire = () => Promise.reject(new TypeError('away'));
  const evidence = await world.charge('by force');
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  world.clock.advance(3_700);
  await disputeOnce(world.b.context);
  world.clock.advance(3 * day + 60);
  for (let time = 0; time < 3; time++) await disputeOnce(world.b.context);

  const { chargeMicro } = evidence.cdr.value;
  const fee = Math.floor((chargeMicro * 150) / 10_000) + 11_000 * 10;
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(BigInt(chargeMicro - fee));
  const { body } = await world.b.call('GET', '/admin/ledger', { as: 'staff' });
  const found = body.accounts
    .filter(({ balanceMicro }: { balanceMicro: number }) => balanceMicro !== 0)
    .map(({ kind, balanceMicro }: { kind: string; balanceMicro: number }) => [kind, balanceMicro]);
  expect(Object.fromEntries(found)).toEqual({
    'own-tokens': fee,
    'operator-own': chargeMicro - fee - 550_000,
    'energy-sales': 550_000 - chargeMicro,
  });
  const books = await openBooks(world.client, world.b.database.db, { providerId: 'DEBBB' });
  const audited = await runAudit({ client: world.client, books });
  expect(audited).toMatchObject({ ok: true, value: { findings: [] } });
});
