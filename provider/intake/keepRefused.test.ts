import type { Evidence } from '@p2p-power/protocol/Evidence';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meetAtLock } from '../testing/meetAtLock.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { closeIntake } from './Intake.ts';
import { keepRefused, maxContentsOfCdr, maxWithoutContent, type RefusedEvidence } from './keepRefused.ts';

let world: MoneyWorld;
let good: Evidence;
beforeAll(async () => {
  world = await openMoneyWorld();
  good = await world.charge('good');
});
afterAll(async () => {
  await closeIntake(world.b.context);
  await world.close();
});

const handIn = async (...evidence: unknown[]) => {
  const segment = await world.seal(evidence as Evidence[]);
  const { body } = await world.b.call('POST', '/hand-in', { body: { segments: [segment] } });
  return body.results[0];
};
const refused = async (query = 'withContent=true&limit=1000') =>
  (await world.b.call('GET', `/admin/refused-cdrs?${query}`, { as: 'staff' })).body.refused as {
    refusal: string;
    contentHash: string;
    cdrId: string;
    content?: string;
  }[];

test('beside a public certificate anybody may put anything: of it hash, reason and source are kept', async () => {
  const { stationCertificate } = good;
  const forged = { ...good, cdr: { ...good.cdr, value: { ...good.cdr.value, chargeMicro: 1 } } };
  const stranger = await world.charge('of another station');
  const swapped = { ...good, cdr: { ...stranger.cdr, signature: good.cdr.signature } };
  const answer = await handIn({ stationCertificate, meterRecord: 'x'.repeat(10_000) }, forged, swapped);
  expect(answer.acknowledgement).toBeDefined();
  const kept = await refused();
  expect(kept).toHaveLength(3);
  for (const one of kept) {
    expect(one.content).toBeUndefined();
    expect(one.contentHash).toMatch(/^0x[0-9a-f]{64}$/);
  }
  expect(kept.map((one) => one.refusal)).toContain('bad-cdr-signature');
});

test('what the station signed is kept whole, whatever else is wrong; of one CDR a few times', async () => {
  const spoilt = (at: number) => ({ ...good, meterRecord: `${good.meterRecord}${' '.repeat(at + 1)}` });
  await handIn(...Array.from({ length: maxContentsOfCdr + 2 }, (_, at) => spoilt(at)));
  await handIn(spoilt(50));
  const kept = (await refused('withContent=true&refusal=meter-record-hash-mismatch')).map(
    (one) => one.content,
  );
  expect(kept).toHaveLength(maxContentsOfCdr + 3);
  const whole = kept.filter((content) => content !== undefined);
  expect(whole).toHaveLength(maxContentsOfCdr);
  for (const content of whole) expect(JSON.parse(content).cdr).toEqual(good.cdr);
  const unread = { ...(await world.charge('unread')), meterRecord: 'x'.repeat(20_001) };
  const { outcomes } = await handIn(unread);
  const [malformed] = await refused(`withContent=true&cdrId=${outcomes[0].cdrId}`);
  expect(JSON.parse(malformed?.content ?? 'null')).toEqual(unread);
});

test('two that keep the same in opposite orders do not wait for each other', async () => {
  const same = Array.from(
    { length: 9 },
    (_, index): RefusedEvidence => ({
      cdrId: `0x${'c4'.repeat(32)}`,
      refusal: 'malformed-evidence',
      detail: 'kept by two',
      content: `{"index":${index}}`,
      isOfStation: false,
    }),
  );
  const { db } = world.b.database;
  const keep = (refusals: readonly RefusedEvidence[]) =>
    db.transaction().execute((trx) => keepRefused(trx, refusals, 'hand-in', 1));
  await meetAtLock(db, (trx) => keepRefused(trx, same.slice(4, 5), 'hand-in', 0), [
    () => keep(same),
    () => keep(same.toReversed()),
  ]);
  const kept = await sql`select from quarantine where detail = 'kept by two'`.execute(db);
  expect(kept.rows).toHaveLength(same.length);
});

test('of those without content the newest are kept', async () => {
  const { db } = world.b.database;
  await sql`
    insert into quarantine (content_hash, refusal, detail, cdr_id, source, received_at, judged_at)
    select 'old ' || number, 'missing-field', '', null, 'hand-in', number, number
    from generate_series(1, ${maxWithoutContent}) as number`.execute(db);
  const whole = (await refused()).filter((one) => one.content !== undefined).length;
  const { stationCertificate } = good;
  const answer = await handIn(
    { stationCertificate, meterRecord: 'one' },
    { stationCertificate, meterRecord: 'two' },
  );
  expect(answer.acknowledgement).toBeDefined();
  const counted = await sql<{ bare: string; whole: string; oldest: string }>`
    select count(*) filter (where content is null) as bare, count(content) as whole, min(received_at) as oldest
    from quarantine`.execute(db);
  expect(counted.rows).toEqual([
    { bare: String(maxWithoutContent), whole: String(whole), oldest: expect.not.stringMatching(/^[123]$/) },
  ]);
});
