import * as crypto from 'node:crypto';
import { Acknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { dawn, makeDriver, makeProvider, makeStation, networkId } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDriver, enterGarage, type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld();
});
afterAll(() => world.close());

const handIn = (segments: readonly unknown[]) => world.b.call('POST', '/hand-in', { body: { segments } });

const cdrId = (evidence: Evidence) => ChargeDetailRecord.id(networkId, evidence.cdr.value);

async function outcomeOf(evidence: Evidence) {
  const { status, body } = await handIn([await world.seal([evidence])]);
  expect(status).toBe(200);
  return body.results[0].outcomes[0];
}

const chargeRow = (evidence: Evidence) =>
  world.b.database.db
    .selectFrom('charge')
    .selectAll()
    .where('cdr_id', '=', cdrId(evidence))
    .executeTakeFirst();

describe('what is handed in', () => {
  test('is kept whole, acknowledged with a signature, and answered the same when it comes again', async () => {
    const evidence = await world.charge('kept');
    const segment = await world.seal([evidence]);
    const first = await handIn([segment]);
    expect(first.status).toBe(200);
    const [result] = first.body.results;
    expect(result.outcomes).toEqual([{ cdrId: cdrId(evidence), outcome: 'accepted' }]);
    const acknowledgement = Acknowledgement.parseSigned(result.acknowledgement);
    if (!acknowledgement.ok) throw new Error(acknowledgement.detail);
    expect(acknowledgement.value.value).toMatchObject({
      providerId: 'DEBBB',
      stationCertificateId: world.garage.certificateId,
      segmentId: segment.header.segmentId,
      count: 1,
      receivedAt: world.clock.nowS(),
    });
    const key = world.providerB.key.publicKey;
    const verifier = nodeCryptoVerifier(crypto);
    expect(await Acknowledgement.verify(networkId, acknowledgement.value, key, verifier)).toBe(true);
    const row = await chargeRow(evidence);
    expect(JSON.parse(row?.evidence ?? '')).toEqual(evidence);
    expect(row?.state).toBe('waiting');

    const again = await handIn([await world.seal([evidence]), segment]);
    for (const repeated of again.body.results) {
      expect(repeated.outcomes).toEqual([{ cdrId: cdrId(evidence), outcome: 'already-known' }]);
      expect(repeated.acknowledgement.value.segmentId).toBe(segment.header.segmentId);
    }
  });

  test('brings couriers that ask for it what we have for the station, and nobody else', async () => {
    await enterGarage(world);
    const segments = [await world.seal([await world.charge('carried')])];
    const [plain] = (await handIn(segments)).body.results;
    expect(plain.provision).toBeUndefined();
    const asked = await world.b.call('POST', '/hand-in', { body: { segments, provisions: true } });
    expect(asked.body.results[0].acknowledgement.value).toMatchObject({ count: 1 });
    expect(asked.body.results[0].provision.head.value).toMatchObject({
      providerId: 'DEBBB',
      stationKeyId: keyId(world.garage.certificate.value.publicKey),
    });
  });

  test('a charge of our own driver is booked on both sides at once and waits for nobody', async () => {
    const evidence = await world.charge('own', { driver: world.dora });
    expect(await outcomeOf(evidence)).toMatchObject({ outcome: 'accepted' });
    expect(await chargeRow(evidence)).toMatchObject({ state: 'booked', driver_id: 'dora' });
    const lines = await sql<{ kind: string; owner: string; amount_micro: string }>`
      select account.kind, owner, amount_micro from ledger_line
      join ledger_account as account on account.id = account_id
      join ledger_entry as entry on entry.id = entry_id
      where reference = ${cdrId(evidence)} order by amount_micro`.execute(world.b.database.db);
    const micro = evidence.cdr.value.chargeMicro;
    expect(micro).toBeGreaterThan(0);
    expect(lines.rows).toEqual([
      {
        kind: 'operator-own',
        owner: world.garage.certificate.value.operatorAccount,
        amount_micro: String(-micro),
      },
      { kind: 'driver', owner: 'dora', amount_micro: String(micro) },
    ]);
    const outbox = await world.b.database.db
      .selectFrom('outbox')
      .selectAll()
      .where('cdr_id', '=', cdrId(evidence))
      .execute();
    expect(outbox).toEqual([]);
  });

  test('twice in one segment and in two segments of one request it is taken once', async () => {
    const [one, two] = [await world.charge('twice 1'), await world.charge('twice 2')];
    const { body } = await handIn([await world.seal([one, one, two]), await world.seal([two, one])]);
    for (const result of body.results) expect(result.acknowledgement).toBeDefined();
    const all = body.results.flatMap((result: { outcomes: { outcome: string }[] }) => result.outcomes);
    expect(all.every((outcome: { outcome: string }) => outcome.outcome === 'accepted')).toBe(true);
    const kept = await sql`select from charge where cdr_id in (${cdrId(one)}, ${cdrId(two)})`.execute(
      world.b.database.db,
    );
    expect(kept.rows).toHaveLength(2);
  });

  test('by many at once, in any order, it is taken once and nobody fails', async () => {
    const evidence = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        world.charge(`race ${index}`, index % 2 ? {} : { driver: world.dora }),
      ),
    );
    const segments = await Promise.all(
      [
        evidence,
        [...evidence].reverse(),
        evidence.slice(3),
        evidence.slice(0, 9),
        [...evidence].reverse(),
      ].map((some) => world.seal(some)),
    );
    const answers = await Promise.all(segments.map((segment) => handIn([segment])));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    const accepted = answers
      .flatMap((answer) => answer.body.results[0].outcomes)
      .filter((outcome: { outcome: string }) => outcome.outcome === 'accepted');
    expect(new Set(accepted.map((outcome: { cdrId: string }) => outcome.cdrId)).size).toBe(12);
    expect(accepted).toHaveLength(12);
    const booked = await sql<{ n: string }>`select count(*) as n from ledger_entry
      where reference = any(${evidence.map(cdrId)}::text[])`.execute(world.b.database.db);
    expect(booked.rows[0]?.n).toBe('6');
  });
});

describe('what is refused is kept with its reason and stops nobody else', () => {
  test('a forged meter record, a second CDR under one authorization, another’s station', async () => {
    const good = await world.charge('good');
    const forged: Evidence = { ...(await world.charge('forged')), meterRecord: good.meterRecord };
    const first = await world.charge('replayed');
    const second = await world.charge('replayed', { cdr: { journalNumber: 43 } });
    const elsewhere = await world.charge('elsewhere', {
      station: await makeStation(world.providerA, 'Elsewhere'),
    });
    const { body } = await handIn([await world.seal([forged, first, second, elsewhere, good])]);
    const [result] = body.results;
    expect(result.acknowledgement.value.count).toBe(5);
    expect(
      result.outcomes.map(
        (outcome: { outcome: string; refusal?: string }) => outcome.refusal ?? outcome.outcome,
      ),
    ).toEqual([
      'meter-record-hash-mismatch',
      expect.stringMatching(/^(accepted|authorization-replayed)$/),
      expect.stringMatching(/^(accepted|authorization-replayed)$/),
      'station-not-ours',
      'accepted',
    ]);
    expect(new Set([result.outcomes[1].outcome, result.outcomes[2].outcome])).toEqual(
      new Set(['accepted', 'refused']),
    );
    const { body: kept } = await world.b.call('GET', '/admin/refused-cdrs?withContent=true', { as: 'staff' });
    const mine = kept.refused.find((one: { cdrId: string }) => one.cdrId === cdrId(forged));
    expect(mine).toMatchObject({ refusal: 'meter-record-hash-mismatch', source: 'hand-in' });
    expect(JSON.parse(mine.content)).toEqual(forged);
  });

  test('a later CDR under an authorization that was used before', async () => {
    await outcomeOf(await world.charge('used'));
    const later = await world.charge('used', { cdr: { journalNumber: 99 } });
    expect(await outcomeOf(later)).toMatchObject({ outcome: 'refused', refusal: 'authorization-replayed' });
  });

  test('above the cap of the certificate', async () => {
    const evidence = await world.charge('over', { authorization: { maxAmountMicro: 90_000_000 } });
    expect(await outcomeOf(evidence)).toMatchObject({ refusal: 'amount-bound-over-certificate' });
  });

  test('a driver of a provider that nobody knows', async () => {
    const stranger = await makeDriver(makeProvider('DEXXX'), 'Stranger');
    expect(await outcomeOf(await world.charge('stranger', { driver: stranger }))).toMatchObject({
      refusal: 'unknown-driver-provider',
    });
  });

  test('a certificate with our signature that we have no record of', async () => {
    const unknown = await makeDriver(world.providerB, 'Unknown');
    expect(await outcomeOf(await world.charge('unrecorded', { driver: unknown }))).toMatchObject({
      refusal: 'driver-certificate-not-issued',
    });
  });

  test('signed later than revocation and grace; within the grace the provider answers', async () => {
    const eve = await makeDriver(world.providerB, 'Eve');
    await addDriver(world.b, eve, 'eve');
    const revoke = (revokedAt: number, providerId = 'DEBBB') =>
      world.b.database.db
        .insertInto('revocation')
        .values({
          provider_id: providerId,
          certificate_id: eve.certificateId,
          revoked_at: String(revokedAt),
          expires_at: null,
        })
        .onConflict((conflict) =>
          conflict.columns(['certificate_id', 'provider_id']).doUpdateSet({ revoked_at: String(revokedAt) }),
        )
        .execute();
    const evidence = await world.charge('revoked', { driver: eve });
    const { signedAt } = evidence.authorization.value;
    await revoke(signedAt - 10 * 86_400, 'DEAAA');
    await revoke(signedAt - 86_400 - 1);
    expect(await outcomeOf(evidence)).toMatchObject({ refusal: 'driver-certificate-revoked' });
    await revoke(signedAt - 86_400);
    expect(await outcomeOf(evidence)).toMatchObject({ outcome: 'accepted' });
  });

  test('at a station whose certificate was taken back before the driver signed', async () => {
    const stolen = await makeStation(world.providerB, 'Stolen');
    const evidence = await world.charge('stolen', { station: stolen });
    const { signedAt } = evidence.authorization.value;
    const revoke = (revokedAt: number) =>
      world.b.database.db
        .insertInto('revocation')
        .values({
          provider_id: 'DEBBB',
          certificate_id: stolen.certificateId,
          revoked_at: String(revokedAt),
          expires_at: null,
        })
        .onConflict((conflict) =>
          conflict.columns(['certificate_id', 'provider_id']).doUpdateSet({ revoked_at: String(revokedAt) }),
        )
        .execute();
    await revoke(signedAt - 1);
    expect(await outcomeOf(evidence)).toMatchObject({ refusal: 'station-certificate-revoked' });
    await revoke(signedAt);
    expect(await outcomeOf(evidence)).toMatchObject({ outcome: 'accepted' });
  });

  test('handed in later than the deadline', async () => {
    const late = await world.charge('late');
    world.clock.advance(31 * 86_400);
    expect(await outcomeOf(late)).toMatchObject({ refusal: 'handed-in-too-late' });
    world.clock.advance(-31 * 86_400);
    expect(await outcomeOf(late)).toMatchObject({ outcome: 'accepted' });
  });

  test('text that is no evidence at all', async () => {
    const good = await world.charge('beside nonsense');
    const nonsense = { hello: 'wor\u0000ld' } as unknown as Evidence;
    const { body } = await handIn([
      await world.seal([good, { ...good, readings: [] } as never, { ...good, networkId: nonsense as never }]),
    ]);
    expect(
      body.results[0].outcomes.map(
        (outcome: { refusal?: string; outcome: string }) => outcome.refusal ?? outcome.outcome,
      ),
    ).toEqual(['accepted', 'too-few-readings', 'bad-field']);
  });
});

describe('a segment is refused as a whole and not acknowledged', () => {
  test('where it does not open, is for another, or of no station of ours', async () => {
    const evidence = await world.charge('sealed');
    const segment = await world.seal([evidence]);
    const spoilt = { ...segment, ciphertext: segment.ciphertext.replace(/^../, 'AA') };
    const foreign = await world.seal([
      await world.charge('foreign', { station: await makeStation(world.providerA, 'Elsewhere') }),
    ]);
    const forA = await world.seal([evidence], world.a);
    const { body } = await handIn([spoilt, forA, foreign, { hello: 1 }, null, segment]);
    expect(
      body.results.map((result: { refusal?: string; acknowledgement?: unknown }) => [
        result.refusal,
        result.acknowledgement !== undefined,
      ]),
    ).toEqual([
      ['segment-unreadable', false],
      ['segment-for-another-provider', false],
      ['segment-not-of-our-station', false],
      ['not-a-segment', false],
      ['not-a-segment', false],
      [undefined, true],
    ]);
  });

  test('a request without segments is refused', async () => {
    for (const body of [{}, { segments: [] }, { segments: 5 }])
      expect(await world.b.call('POST', '/hand-in', { body })).toMatchObject({
        status: 400,
        body: { refusal: 'invalid-request' },
      });
  });
});

test('staff sees where a journal may hold more', async () => {
  const station = await makeStation(world.providerB, 'Gappy');
  const at = (name: string, journalNumber: number, offset: number) =>
    world.charge(name, {
      station,
      cdr: { journalNumber },
      readings: [
        { at: dawn + offset, importWh: 0, exportWh: 0, state: 'charging' },
        { at: dawn + offset + 600, importWh: 100, exportWh: 0, state: 'charging' },
      ],
    });
  await handIn([
    await world.seal([
      await at('gap 1', 3, 0),
      await at('gap 2', 4, 700),
      await at('gap 3', 20, 1_400),
      await at('gap 4', 20, 2_100),
      await at('gap 5', 9, 2_800),
    ]),
  ]);
  const evseId = station.certificate.value.evseId.text;
  const { body } = await world.b.call('GET', `/admin/journal-gaps?evseId=${evseId}`, { as: 'staff' });
  expect(
    body.gaps.map((gap: Record<string, unknown>) => [
      gap.kind,
      gap.afterNumber,
      gap.beforeNumber,
      gap.entries,
    ]),
  ).toEqual([
    ['falling-number', 20, 9, 0],
    ['doubled-number', 20, 20, 0],
    ['gap', 4, 20, 15],
  ]);
  expect((await world.b.call('GET', '/admin/journal-gaps')).status).toBe(401);
});

test('where the database fails nothing is acknowledged and nothing is there', async () => {
  const broken = await openMoneyWorld();
  const evidence = await broken.charge('lost');
  const segment = await broken.seal([evidence]);
  await sql`alter table outbox add constraint broken check (peer <> 'DEAAA')`.execute(broken.b.database.db);
  const failed = await broken.b.call('POST', '/hand-in', { body: { segments: [segment] } });
  expect(failed.status).toBe(500);
  expect(await broken.b.database.db.selectFrom('charge').selectAll().execute()).toEqual([]);
  await sql`alter table outbox drop constraint broken`.execute(broken.b.database.db);
  const again = await broken.b.call('POST', '/hand-in', { body: { segments: [segment] } });
  expect(again.body.results[0].outcomes[0].outcome).toBe('accepted');
  await broken.close();
});
