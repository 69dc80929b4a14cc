import { createHash } from 'node:crypto';
import { buildBatch } from '@p2p-power/protocol/Batch';
import type { Hex } from '@p2p-power/protocol/Hex';
import { networkId } from '@p2p-power/protocol/testing/world';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/Database.ts';
import { meetAtLock } from '../testing/meetAtLock.ts';
import { openTestDatabase, type TestDatabase } from '../testing/testDatabase.ts';
import { unsettledCharges, writeBatch } from './BatchBook.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const word = (name: string): Hex => `0x${createHash('sha256').update(name).digest('hex')}`;
const parties = ['DEAAA', 'DEBBB'] as const;

/** Charges of each provider's drivers at the other's points, all with energy that was given back too. */
async function addAcceptedCharges(countEach: number): Promise<void> {
  for (const driverProvider of parties)
    await sql`
      insert into charge (cdr_id, authorization_id, driver_provider, operator_provider, driver_certificate_id,
        station_certificate_id, emaid, evse_id, operator_account, currency, time_zone, authorized_at, started_at,
        ended_at, imported_wh, exported_wh, charge_micro, credit_micro, journal_number, journal_previous_hash,
        received_at, state, evidence)
      select '0x' || encode(sha256((${driverProvider} || n)::bytea), 'hex'), 
        '0x' || encode(sha256(('signed by ' || ${driverProvider} || n)::bytea), 'hex'), ${driverProvider},
        ${parties.find((party) => party !== driverProvider)}, 'driver', 'station', 'emaid', 'evse',
        ${word('bert').slice(0, 42)}, 'EUR', 'Europe/Berlin', 1, 1, 2, 10000, 1000, 4000000, 300000, n, 'before', 3,
        'accepted', '{}'
      from generate_series(1, ${countEach}::int) as n`.execute(database.db);
}

test('a charge in one batch and its credit in another, written at once by two: neither waits for the other for ever', async () => {
  await addAcceptedCharges(9);
  const spans = [{ from: 0, to: 10 }];
  const source = {
    networkId,
    sequence: 1,
    periodStart: 0,
    periodEnd: 5,
    agreementId: word('agreement'),
    terms: { feeShareBp: 150, feeMicroPerKwh: 10_000 },
    previousPayouts: [],
  };
  const creditorAccount = word('creditor').slice(0, 42) as Hex;
  const write = ([debtor, creditor]: readonly ['DEAAA' | 'DEBBB', 'DEAAA' | 'DEBBB']) =>
    database.db.transaction().execute(async (trx) => {
      const channel = { debtor, creditor, creditorAccount };
      const charges = await unsettledCharges(trx, channel, spans, { periodEnd: 5 });
      await writeBatch(trx, {
        channelId: word(`${debtor} to ${creditor}`),
        built: buildBatch({ ...source, ...channel, charges }),
        charges,
        creditorAccount,
        feeTo: 'creditor',
        previousPayouts: [],
        batchHash: word(`batch of ${debtor}`),
        state: 'built',
        creditorSignature: '0x',
        debtorSignature: null,
        now: 5,
      });
    });
  // One of each provider's drivers.
  const hold = (trx: Transaction<Database>) =>
    sql`select from charge where journal_number = 5 for update`.execute(trx);
  await meetAtLock(database.db, hold, [() => write(['DEAAA', 'DEBBB']), () => write(['DEBBB', 'DEAAA'])]);
  const held = await sql<{ n: string }>`select count(*) as n from charge
    where charge_sequence = 1 and credit_sequence = 1`.execute(database.db);
  expect(held.rows).toEqual([{ n: '18' }]);
});
