import { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { day, networkId } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disputeOnce } from '../disputes/disputesJob.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type DisputeWorld, openDisputeWorld } from '../testing/disputeWorld.ts';
import type { AuditFinding } from './AuditFinding.ts';
import { auditPrivacy } from './auditPrivacy.ts';
import { openBooks } from './openBooks.ts';
import { type AuditReport, runAudit } from './runAudit.ts';

/** One charge of a silent peer that was forced and paid, one that a batch had settled and whose claim fell. */
let world: DisputeWorld;
beforeAll(async () => {
  world = await openDisputeWorld({ config: { disputes: { automatic: true, patienceS: 3_600 } } });
  const handIn = async (evidence: Evidence) =>
    world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  const work = async (of: 'a' | 'b') => {
    for (let time = 0; time < 2; time++) await disputeOnce(world[of].context);
  };
  const settled = await world.charge('settled');
  await handIn(settled);
  await deliverEvidence(world.b.context);
  const body = { periodEnd: world.clock.nowS() };
  await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  await work('a');
  const authorizationId = Authorization.id(networkId, settled.authorization.value);
  const raised = await world.chains.b.disputes.raise({
    direction: 'charge',
    evidence: settled,
    authorizationId,
  });
  expect(raised).toMatchObject({ ok: true });
  await work('a');

  world.wire = () => Promise.reject(new TypeError('away'));
  await handIn(await world.charge('silent'));
  await deliverEvidence(world.b.context);
  world.clock.advance(3_700);
  await work('b');
  world.clock.advance(3 * day + 60);
  await work('b');
  await work('a');
  const states = await sql<{ state: string }>`select state from forced_claim order by state`.execute(
    world.b.database.db,
  );
  expect(states.rows.map(({ state }) => state)).toEqual(['paid', 'void']);
});
afterAll(() => world.close());

async function audit(of: 'a' | 'b'): Promise<AuditReport> {
  const { client } = world;
  const providerId = of === 'a' ? 'DEAAA' : 'DEBBB';
  const books = await openBooks(client, world[of].database.db, { providerId, signatures: true });
  const done = await runAudit({ client, books });
  if (!done.ok) throw new Error(done.detail);
  return done.value;
}

test('what was forced, what fell, and what the loser paid add up in both books', async () => {
  expect((await audit('b')).findings).toEqual([]);
  expect((await audit('a')).findings).toEqual([]);
});

test('evidence that was shown to the contract names neither driver nor point', async () => {
  for (const of of ['a', 'b'] as const) {
    const findings: AuditFinding[] = [];
    const providerId = of === 'a' ? 'DEAAA' : 'DEBBB';
    const { texts } = await auditPrivacy(world.client, { db: world[of].database.db, providerId }, (finding) =>
      findings.push(finding),
    );
    expect(texts).toBeGreaterThanOrEqual(3);
    expect(findings).toEqual([]);
  }
});

test('a claim that the books have otherwise, or a charge that was also paid in a batch, is found', async () => {
  const { db } = world.b.database;
  await sql`update forced_claim set state = 'raised' where state = 'paid'`.execute(db);
  const undecided = await audit('b');
  expect(undecided.findings).toEqual([
    expect.objectContaining({ name: 'forced-claim-differs', debtor: 'DEAAA', creditor: 'DEBBB' }),
  ]);
  expect(undecided.findings[0]?.expected).toMatch(/^paid, \d+$/);
  await sql`update forced_claim set state = 'paid' where state = 'raised'`.execute(db);
  expect((await audit('b')).findings).toEqual([]);

  await sql`update charge set charge_sequence = 1 where charge_sequence is null`.execute(db);
  const names = (await audit('b')).findings.map(({ name }) => name);
  expect(names).toContain('charge-paid-twice');
  expect(names).toContain('count-differs');
});
