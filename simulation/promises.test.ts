import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellStation } from './adversaries.ts';
import { checkPromisedPrices } from './checkPromisedPrices.ts';
import { type House, openHouse } from './House.ts';
import { onlooker } from './promises.ts';
import type { SimulatedProvider } from './SimulatedProvider.ts';
import type { Sabotage, SimulatedStation } from './SimulatedStation.ts';
import { openWorld, type World } from './World.ts';

/** Each promise is broken on purpose in a world in which all else is well: its check must say so, and no other before. */

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** A world without mishaps: one station of DEBBB, anna of DEAAA and dora of DEBBB. */
async function inWorld(act: (world: World) => Promise<void>, sabotage?: Sabotage): Promise<void> {
  const world = await openWorld(house, 1, { stations: 2, phones: 2, ...(sabotage && { sabotage }) });
  try {
    await world.heal();
    await act(world);
  } finally {
    await world.close();
  }
}

const stationOf = (world: World): SimulatedStation => world.stations[1] as SimulatedStation;
const anna = (world: World) => world.phones[0] as World['phones'][number];
const providerOf = (world: World): SimulatedProvider => world.provider(stationOf(world).providerId);

/** Anna charges for a while. */
async function charge(world: World): Promise<void> {
  const station = stationOf(world);
  station.point.act('plug');
  expect(await anna(world).unlock(station)).toBe('started');
  await world.advance(3_600);
}

async function chargeAndSettle(world: World): Promise<void> {
  await charge(world);
  await anna(world).stop();
  const station = stationOf(world);
  await anna(world).collect(station);
  await anna(world).handIn(providerOf(world));
  expect(await anna(world).deliver(station)).toBe('1 records acknowledged');
  for (const provider of world.providers) await provider.runJobs();
  await world.advance(60);
  const body = { periodEnd: world.clock.nowS() };
  const closed = await providerOf(world).call('POST', '/admin/periods/close', { as: 'staff', body });
  expect(closed.body.periods[0].batch).toMatchObject({ count: 1, state: 'settled' });
}

/** The promises that do not hold now. */
async function broken(world: World): Promise<readonly string[]> {
  const breaches = await onlooker(world).check();
  return [...new Set(breaches.map((breach) => breach.slice(0, breach.indexOf(':'))))];
}

test('nothing is broken where nothing is done wrong', () =>
  inWorld(async (world) => {
    expect(await broken(world)).toEqual([]);
    await charge(world);
    expect(await broken(world)).toEqual([]);
    await anna(world).stop();
    await world.advance(1_200);
    expect(await broken(world)).toEqual([]);
  }));

test('a whole charge that is settled breaks nothing either', () =>
  inWorld(async (world) => {
    await chargeAndSettle(world);
    expect(await broken(world)).toEqual([]);
  }));

describe('1. every Wh is in exactly one record', () => {
  test('a contactor that sticks lets energy flow that no record holds', () => {
    const sticks: Sabotage = (parts) => ({
      ...parts,
      contactor: { ...parts.contactor, open: async () => undefined },
      pilot: {
        ...parts.pilot,
        advertise: async (powerW) => (powerW > 0 ? parts.pilot.advertise(powerW) : undefined),
      },
    });
    return inWorld(async (world) => {
      await charge(world);
      await anna(world).stop();
      await world.advance(1_200);
      expect(await broken(world)).toContain('everyWhIsInOneRecord');
    }, sticks);
  });

  test('a charge that is billed a second time', () =>
    inWorld(async (world) => {
      await chargeAndSettle(world);
      await bookWrongly(world.provider('DEAAA'), 'charge', 'another-name', 1_000);
      world.provider('DEAAA').armCrash(Number.POSITIVE_INFINITY);
      expect(await broken(world)).toContain('everyWhIsInOneRecord');
    }));

  test('a charge that is booked and in no journal', () =>
    inWorld(async (world) => {
      await chargeAndSettle(world);
      await sql`update charge set charge_micro = charge_micro - 1`.execute(providerOf(world).db);
      expect(await broken(world)).toContain('everyWhIsInOneRecord');
    }));
});

test('2. nobody pays more than signed: a driver’s account that owes more', () =>
  inWorld(async (world) => {
    await chargeAndSettle(world);
    await bookWrongly(world.provider('DEAAA'), 'payout', 'a mistake', 1);
    expect(await broken(world)).toEqual(['nobodyPaysMoreThanSigned']);
  }));

test('2. nobody pays more than signed: a point that charges more than the phone had shown', () =>
  inWorld(async (world) => {
    const { provision } = stationOf(world);
    expect(provision.dynamic).toBeDefined();
    await charge(world);
    const [charged] = anna(world).charges;
    if (charged?.shown.prices === undefined) throw new Error('the point shows no prices');
    Object.assign(charged.shown, {
      prices: { ...charged.shown.prices, pricesMicro: charged.shown.prices.pricesMicro.map(() => 0) },
    });
    expect(await broken(world)).toEqual([]);
    await anna(world).stop();
    await world.advance(1_200);
    expect(await broken(world)).toEqual(['nobodyPaysMoreThanSigned']);
  }));

test('2. prices are the operator’s own: those that terms and signal do not give are found in the end', () =>
  inWorld(async (world) => {
    await chargeAndSettle(world);
    const eyes = onlooker(world);
    expect(await checkPromisedPrices(world, eyes)).toEqual({
      bySignal: 1,
      byFallback: 0,
      gaveBack: 0,
      breaches: [],
    });
    const terms = stationOf(world).provision.dynamic;
    Object.assign(terms ?? {}, { marginMicro: (terms?.marginMicro ?? 0) + 1 });
    expect((await checkPromisedPrices(world, eyes)).breaches).toMatchObject([
      expect.stringContaining('not those of the signal'),
    ]);
    await sql`delete from signal`.execute(providerOf(world).db);
    expect((await checkPromisedPrices(world, eyes)).breaches).toMatchObject([
      expect.stringContaining('nobody issued'),
    ]);
  }));

describe('3. no contactor closes without an authorization on disk', () => {
  test('a controller that closes first and writes then', () => {
    const closesFirst: Sabotage = (parts) => ({
      ...parts,
      meter: {
        ...parts.meter,
        async begin(measurement, at) {
          await parts.contactor.close();
          return parts.meter.begin(measurement, at);
        },
      },
    });
    return inWorld(async (world) => {
      await charge(world);
      expect(await broken(world)).toEqual(['noContactorClosesUnauthorized']);
    }, closesFirst);
  });

  test('a disk that lies: what was appended is not there', () => {
    const lies: Sabotage = (parts) => ({ ...parts, store: { ...parts.store, append: () => undefined } });
    return inWorld(async (world) => {
      stationOf(world).point.act('plug');
      expect(await anna(world).unlock(stationOf(world))).toBe('started');
      expect(await broken(world)).toContain('noContactorClosesUnauthorized');
    }, lies);
  });

  test('a verifier that finds everything genuine', () => {
    const credulous: Sabotage = (parts) => ({ ...parts, verifier: { verify: () => true } });
    return inWorld(async (world) => {
      const [phone, station] = [anna(world), stationOf(world)];
      station.point.act('plug');
      const conditions = await station.ask({ type: 'hello', version: 1 });
      if (conditions?.type !== 'conditions') throw new Error('no conditions');
      const other = world.phones[1] as World['phones'][number];
      const forged = await phone.authorize(conditions, {}, {}, other.key);
      expect(await station.ask(forged)).toMatchObject({ type: 'started' });
      await world.advance(240);
      expect(await broken(world)).toEqual(['noContactorClosesUnauthorized']);
    }, credulous);
  });
});

test('4. nothing is lost: a record that was acknowledged and is gone', () =>
  inWorld(async (world) => {
    await chargeAndSettle(world);
    const { db } = providerOf(world);
    await sql`update charge set charge_sequence = null`.execute(db);
    await sql`delete from charge`.execute(db);
    expect(await broken(world)).toContain('nothingIsLost');
  }));

describe('5. the money adds up', () => {
  test.each([
    ['a total that is not the sum of its CDRs', sql`update batch set total_micro = total_micro + 1`],
    ['a count that is not theirs', sql`update batch set count = 2`],
    [
      'payouts that are more than was settled',
      sql`update batch_payout set gross_micro = gross_micro + 1, payout_micro = payout_micro + 1,
        cumulative_micro = cumulative_micro + 1`,
    ],
  ])('%s', (_name, statement) =>
    inWorld(async (world) => {
      await chargeAndSettle(world);
      await statement.execute(providerOf(world).db);
      expect(await broken(world)).toEqual(['moneyAddsUp']);
    }),
  );
});

describe('6. bad input is refused and changes nothing', () => {
  test('something good that was thought bad: it is taken, and changes something', () =>
    inWorld(async (world) => {
      const station = stationOf(world);
      station.point.act('plug');
      const conditions = await station.ask({ type: 'hello', version: 1 });
      if (conditions?.type !== 'conditions') throw new Error('no conditions');
      const request = await anna(world).authorize(conditions);
      await tellStation(world, station, 'an authorization', ['wrong-station'], request);
      expect(await onlooker(world).check()).toEqual([
        'badInputIsRefused: an authorization was taken',
        'badInputIsRefused: an authorization changed something',
      ]);
    }));

  test('a refusal by another name', () =>
    inWorld(async (world) => {
      await tellStation(world, stationOf(world), 'garbage', ['wrong-station'], '{');
      expect(await onlooker(world).check()).toEqual([
        'badInputIsRefused: garbage: not-a-message, expected wrong-station',
      ]);
    }));
});

/** An entry that balances and is wrong: the driver owes more, the bank less. */
async function bookWrongly({ db }: SimulatedProvider, kind: string, reference: string, micro: number) {
  await db.transaction().execute(async (trx) => {
    await sql`insert into ledger_account (kind, owner) values ('bank', '') on conflict do nothing`.execute(
      trx,
    );
    await sql`
      with entry as (
        insert into ledger_entry (kind, reference, booked_at) values (${kind}, ${reference}, 0) returning id
      )
      insert into ledger_line (entry_id, account_id, amount_micro)
      select entry.id, account.id, case when kind = 'bank' then -${micro}::bigint else ${micro}::bigint end
      from entry, (
        (select id, kind from ledger_account where kind = 'driver' limit 1)
        union all select id, kind from ledger_account where kind = 'bank'
      ) as account`.execute(trx);
  });
}
