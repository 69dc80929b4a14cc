import type { Evidence } from '@p2p-power/protocol/Evidence';
import { feeOf } from '@p2p-power/protocol/PeeringFee';
import { steadyReadings } from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { ledgerBalances } from '../testing/ledgerBalances.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';
import { clearOnce } from './closePeriod.ts';
import { followChain } from './followChain.ts';

let world: ChainWorld;
beforeEach(async () => {
  world = await openChainWorld();
});
afterEach(() => world.close());

const terms = { feeShareBp: 150, feeMicroPerKwh: 10_000 };

async function handIn(...evidence: Evidence[]) {
  const answer = await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
  expect(answer.status).toBe(200);
  return answer.body.results[0].outcomes;
}

const deliver = () => deliverEvidence(world.b.context);

const close = async (provider = world.b) => {
  const answer = await provider.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  return answer.body.periods?.find((period: { peer: string }) => /^DE(AAA|BBB)$/.test(period.peer));
};

const micro = (evidence: Evidence) => evidence.cdr.value.chargeMicro;
const fee = (evidence: Evidence) =>
  Number(feeOf({ chargeMicro: micro(evidence), energyWh: evidence.cdr.value.importedWh }, terms));

test('charges become money: evidence, acceptance, batch, settlement, on both sides and on the chain', async () => {
  const charges = [await world.charge('one'), await world.charge('two'), await world.charge('three')];
  await handIn(...charges);
  expect(await ledgerBalances(world.b)).toEqual({});
  expect(await deliver()).toBe(3);
  const total = charges.reduce((sum, charge) => sum + micro(charge), 0);
  const fees = charges.reduce((sum, charge) => sum + fee(charge), 0);
  expect(await ledgerBalances(world.b)).toEqual({
    'peer-receivable DEAAA': total,
    [`operator-earned ${bertsAccount}`]: -total,
  });
  expect(await ledgerBalances(world.a)).toEqual({ 'driver anna': total, 'peer-payable DEBBB': -total });

  const period = await close();
  expect(period).toMatchObject({
    outcome: 'built',
    batch: {
      sequence: 1,
      count: 3,
      state: 'settled',
      totalMicro: total,
      feeMicro: fees,
      debtor: 'DEAAA',
      creditor: 'DEBBB',
    },
  });
  await followChain(world.a.context, world.chains.a);
  expect(await ledgerBalances(world.b)).toEqual({
    'channel-pot DEAAA': total - fees,
    [`operator-claimable ${bertsAccount}`]: fees - total,
    'own-tokens': fees,
    'fee-income DEAAA': -fees,
  });
  expect(await ledgerBalances(world.a)).toEqual({ 'driver anna': total, 'chain-position': -total });
  expect(await world.chains.a.positionMicro('DEAAA')).toBe(BigInt(total));
  expect(await world.chains.b.balanceMicro(world.chains.b.account)).toBe(BigInt(fees));
  expect(await world.chains.a.channel('DEAAA', 'DEBBB')).toEqual({
    sequence: 1n,
    potMicro: BigInt(total - fees),
  });
  const states = await world.a.database.db.selectFrom('batch').select(['state', 'batch_hash']).execute();
  expect(states).toEqual([{ state: 'settled', batch_hash: period.batch.batchHash }]);
});

test('the next period holds what is new, and payouts go on from where they were', async () => {
  const [one, two] = [await world.charge('one'), await world.charge('two')];
  await handIn(one);
  await deliver();
  await close();
  await handIn(two);
  await deliver();
  expect((await close()).outcome).toBe('period-already-closed');
  world.clock.advance(86_400);
  const second = await close();
  expect(second.batch).toMatchObject({
    sequence: 2,
    count: 1,
    state: 'settled',
    totalMicro: micro(two),
  });
  world.clock.advance(86_400);
  expect((await close()).outcome).toBe('nothing-to-settle');
  const payouts = await world.b.database.db
    .selectFrom('batch_payout')
    .select(['sequence', 'payout_micro', 'cumulative_micro'])
    .orderBy('sequence')
    .execute();
  expect(payouts.map((row) => Object.values(row).map(Number))).toEqual([
    [1, micro(one) - fee(one), micro(one) - fee(one)],
    [2, micro(two) - fee(two), micro(one) - fee(one) + micro(two) - fee(two)],
  ]);
});

test('the credit of a discharge is settled in the other direction', async () => {
  const evidence = await world.charge('discharge', {
    readings: steadyReadings(1_780_272_061, 3_600, 2_000, 9_000),
  });
  const credit = evidence.cdr.value.creditMicro;
  expect(credit).toBeGreaterThan(0);
  await handIn(evidence);
  await deliver();
  const total = micro(evidence);
  expect(await ledgerBalances(world.b)).toEqual({
    'peer-receivable DEAAA': total,
    'peer-payable DEAAA': -credit,
    [`operator-earned ${bertsAccount}`]: -total,
    [`operator-own ${bertsAccount}`]: credit,
  });
  expect(await ledgerBalances(world.a)).toMatchObject({
    'driver anna': total - credit,
    'peer-receivable DEBBB': credit,
  });
  const fromA = await close(world.a);
  expect(fromA.batch).toMatchObject({
    debtor: 'DEBBB',
    creditor: 'DEAAA',
    state: 'settled',
    totalMicro: credit,
  });
  await close(world.b);
  for (const provider of ['a', 'b'] as const)
    await followChain(world[provider].context, world.chains[provider]);
  const a = await ledgerBalances(world.a);
  expect(a['peer-receivable DEBBB']).toBeUndefined();
  expect(a['fee-income DEBBB']).toBeUndefined();
  expect((a['own-tokens'] ?? 0) + (a['channel-pot DEBBB'] ?? 0)).toBe(credit);
  expect(await ledgerBalances(world.b)).toMatchObject({ 'chain-position': -credit });
});

test('lost, doubled and reordered messages change nothing', async () => {
  const charges = await Promise.all(Array.from({ length: 6 }, (_, index) => world.charge(`noisy ${index}`)));
  let sent = 0;
  world.wire = async (request, deliverNow) => {
    const copies = [request.clone(), request.clone()];
    switch (sent++ % 4) {
      case 0:
        throw new TypeError('lost on the way');
      case 1:
        await deliverNow(request);
        throw new TypeError('the answer was lost');
      case 2: {
        const [first] = await Promise.all(copies.map((copy) => deliverNow(copy)));
        return first as Response;
      }
      default:
        return deliverNow(request);
    }
  };
  for (const evidence of charges) {
    await handIn(evidence, charges[0] as Evidence);
    world.clock.advance(600);
    await deliver();
  }
  for (let attempt = 0; attempt < 12; attempt++) {
    world.clock.advance(4_000);
    await deliver();
  }
  const total = charges.reduce((sum, charge) => sum + micro(charge), 0);
  expect(await ledgerBalances(world.a)).toEqual({ 'driver anna': total, 'peer-payable DEBBB': -total });
  expect((await ledgerBalances(world.b))['peer-receivable DEAAA']).toBe(total);
  await close();
  for (let attempt = 0; attempt < 6; attempt++) {
    world.clock.advance(4_000);
    await clearOnce(world.b.context);
  }
  await clearOnce(world.a.context);
  expect(await ledgerBalances(world.a)).toEqual({ 'driver anna': total, 'chain-position': -total });
  const batches = await world.b.database.db.selectFrom('batch').select(['state', 'count']).execute();
  expect(batches).toEqual([{ state: 'settled', count: '6' }]);
});

test('stopped at any step, clearing goes on where it was and settles once', async () => {
  const charge = await world.charge('stopped');
  await handIn(charge);
  await deliver();
  // The debtor is away after the batch was built.
  world.wire = () => Promise.reject(new TypeError('away'));
  expect((await close()).batch).toMatchObject({ state: 'built', refusal: 'peer-unreachable' });
  // The debtor signs, and its answer is lost.
  world.wire = async (request, deliverNow) => {
    await deliverNow(request);
    throw new TypeError('lost');
  };
  world.clock.advance(60);
  await clearOnce(world.b.context);
  expect((await close()).batch.state).toBe('built');
  const signed = await world.a.database.db
    .selectFrom('batch')
    .select(['state', 'debtor_signature'])
    .execute();
  expect(signed.map((row) => row.state)).toEqual(['countersigned']);
  // The creditor is killed between the transaction and noting it: the chain has it, its books do not.
  world.wire = (request, deliverNow) => deliverNow(request);
  const { chain } = world.b.context;
  if (chain === undefined) throw new Error('no chain');
  const dying = {
    ...world.b.context,
    chain: {
      ...chain,
      settle: async (batch: Parameters<typeof chain.settle>[0]) => {
        await chain.settle(batch);
        throw new Error('killed');
      },
      eventsSince: () => Promise.reject(new Error('killed')),
    },
  };
  world.clock.advance(60);
  await expect(clearOnce(dying)).rejects.toThrow('killed');
  const between = await world.b.database.db.selectFrom('batch').select('state').execute();
  expect(between).toEqual([{ state: 'submitted' }]);
  world.clock.advance(60);
  await clearOnce(world.b.context);
  const after = await world.b.database.db.selectFrom('batch').select(['state', 'debtor_signature']).execute();
  expect(after).toEqual([{ state: 'settled', debtor_signature: signed[0]?.debtor_signature }]);
  expect((await world.chains.b.channel('DEAAA', 'DEBBB')).sequence).toBe(1n);
  expect((await ledgerBalances(world.b))['channel-pot DEAAA']).toBe(micro(charge) - fee(charge));
});

test('a chain that is down delays and doubles nothing', async () => {
  const charge = await world.charge('chainless');
  await handIn(charge);
  await deliver();
  const down = world.chainAt('http://127.0.0.1:9', 'DEBBB');
  const downContext = {
    ...world.b.context,
    chain: { ...down, agreementsBetween: world.chains.b.agreementsBetween },
  };
  const { closePeriod } = await import('./closePeriod.ts');
  const [period] = await closePeriod(downContext, downContext.chain, {
    periodEnd: world.clock.nowS(),
    peer: 'DEAAA',
  });
  expect(period?.batch?.state).toMatch(/^(built|submitted)$/);
  expect(period?.batch?.refusal).toBe('rpc-unreachable');
  world.clock.advance(60);
  await clearOnce(world.b.context);
  const rows = await world.b.database.db.selectFrom('batch').select('state').execute();
  expect(rows).toEqual([{ state: 'settled' }]);
  // Hand-in works without a chain: the peer judges.
  const later = { ...world.b.context, chain: down };
  const { handIn: take } = await import('../intake/handIn.ts');
  world.clock.advance(400);
  const [result] = await take(later, [await world.seal([await world.charge('later')])]);
  expect(result?.outcomes[0]?.outcome).toBe('accepted');
});

test('the debtor never signs two batches of one sequence, nor one that its books do not bear out', async () => {
  const [one, two] = [await world.charge('one'), await world.charge('two')];
  await handIn(one, two);
  await deliver();
  const proposals: unknown[] = [];
  world.wire = async (request, deliverNow) => {
    if (request.url.endsWith('/peer/batches')) proposals.push(await request.clone().json());
    return deliverNow(request);
  };
  await close();
  const { peerFetch } = await import('../peers/peerFetch.ts');
  // biome-ignore lint/suspicious/noExplicitAny: a proposal is spoilt in many ways
  const proposal = proposals[0] as any;
  const propose = async (body: unknown) => {
    const answer = await peerFetch(world.b.context, 'DEAAA', '/peer/batches', { body: JSON.stringify(body) });
    const json = (await answer.json()) as { refusal?: string; debtorSignature?: string };
    return json.refusal ?? json.debtorSignature;
  };
  const stored = await world.a.database.db
    .selectFrom('batch')
    .select('debtor_signature')
    .executeTakeFirstOrThrow();
  expect(await propose(proposal)).toBe(stored.debtor_signature);
  const change = async (batch: object, rest: object = {}) => {
    const changed = { ...proposal.batch, ...batch };
    const creditorSignature = await world.chains.b.signBatch(changed);
    return propose({ ...proposal, batch: changed, creditorSignature, ...rest });
  };
  expect(await change({ totalMicro: proposal.batch.totalMicro + 1 })).toBe('batch-conflict');
  expect(await change({ debtor: 'DEBBB' })).toBe('wrong-debtor');
  expect(await change({ creditor: 'DECCC' })).toBe('wrong-creditor');
  expect(await change({ sequence: 2 })).toBe('charge-not-accepted');
  expect(await change({ sequence: 2 }, { charges: [] })).toBe('wrong-period');
  expect(await propose({ ...proposal, batch: { ...proposal.batch, sequence: 2 } })).toBe(
    'bad-creditor-signature',
  );
  expect(await propose({ ...proposal, charges: [proposal.charges[0], proposal.charges[0]] })).toBe(
    'bad-charges',
  );
  expect(await propose({ ...proposal, batch: [] })).toBe('not-a-batch');
  expect((await world.a.database.db.selectFrom('batch').selectAll().execute()).length).toBe(1);
});

test('what is proposed before it was accepted, or with another amount or fee, is refused by name', async () => {
  const { buildBatch } = await import('@p2p-power/protocol/Batch');
  const { networkId } = await import('@p2p-power/protocol/testing/world');
  const { peerFetch } = await import('../peers/peerFetch.ts');
  const accepted = await world.charge('accepted');
  await handIn(accepted);
  await deliver();
  const row = await world.b.database.db.selectFrom('charge').selectAll().executeTakeFirstOrThrow();
  const [agreement] = await world.chains.b.agreementsBetween('DEAAA', 'DEBBB');
  const item = {
    authorizationId: row.authorization_id,
    cdrId: row.cdr_id,
    chargeMicro: Number(row.charge_micro),
    energyWh: Number(row.imported_wh),
    operatorAccount: row.operator_account,
  };
  const propose = async (charge: typeof item, overrides: object = {}) => {
    const { batch } = buildBatch({
      networkId,
      debtor: 'DEAAA',
      creditor: 'DEBBB',
      sequence: 1,
      periodStart: 0,
      periodEnd: world.clock.nowS(),
      agreementId: agreement?.agreementId ?? '0x',
      terms,
      charges: [charge],
      previousPayouts: [],
      ...overrides,
    });
    const body = {
      batch,
      creditorSignature: await world.chains.b.signBatch(batch),
      charges: [
        { authorizationId: charge.authorizationId, cdrId: charge.cdrId, chargeMicro: charge.chargeMicro },
      ],
    };
    const answer = await peerFetch(world.b.context, 'DEAAA', '/peer/batches', { body: JSON.stringify(body) });
    return ((await answer.json()) as { refusal?: string }).refusal ?? 'signed';
  };
  expect(await propose({ ...item, chargeMicro: item.chargeMicro + 1 })).toBe('charge-not-accepted');
  expect(await propose({ ...item, cdrId: `0x${'12'.repeat(32)}` })).toBe('charge-not-accepted');
  expect(await propose({ ...item, energyWh: item.energyWh + 1 })).toBe('wrong-energy');
  expect(await propose({ ...item, operatorAccount: `0x${'ee'.repeat(20)}` })).toBe('wrong-payouts-root');
  expect(await propose(item, { terms: { ...terms, feeShareBp: 151 } })).toBe('wrong-fee');
  expect(await propose(item, { agreementId: `0x${'12'.repeat(32)}` })).toBe('wrong-agreement');
  expect(await propose(item, { sequence: 3 })).toBe('wrong-sequence');
  expect(await propose(item)).toBe('signed');
});

test('what the peer refuses stays with the operator, with the peer’s reason, and is in no batch', async () => {
  const evidence = await world.charge('refused');
  await handIn(evidence);
  const certificates = await world.a.database.db.deleteFrom('driver_certificate').returningAll().execute();
  await deliver();
  const row = await world.b.database.db.selectFrom('charge').select(['state', 'refusal']).executeTakeFirst();
  expect(row).toEqual({ state: 'refused', refusal: 'driver-certificate-not-issued' });
  expect(await ledgerBalances(world.b)).toEqual({});
  expect((await close()).outcome).toBe('nothing-to-settle');
  const { body } = await world.a.call('GET', '/admin/refused-cdrs', { as: 'staff' });
  expect(body.refused).toMatchObject([{ refusal: 'driver-certificate-not-issued', source: 'DEBBB' }]);

  // The reason is gone: handed over once more, it is accepted and booked once.
  await world.a.database.db.insertInto('driver_certificate').values(certificates).execute();
  const [charge] = await world.b.database.db.selectFrom('charge').select('cdr_id').execute();
  const again = () => world.b.call('POST', `/admin/charges/${charge?.cdr_id}/hand-over`, { as: 'staff' });
  expect((await again()).body).toEqual({ state: 'waiting' });
  expect((await again()).body).toEqual({ state: 'waiting' });
  expect(await deliver()).toBe(1);
  expect((await again()).body.refusal).toBe('charge-not-refused');
  expect((await ledgerBalances(world.b))['peer-receivable DEAAA']).toBe(micro(evidence));
  expect((await world.b.call('POST', `/admin/charges/${charge?.cdr_id}/hand-over`)).status).toBe(401);
});

test('closed by several processes at once, a period has one batch and is settled once', async () => {
  const charge = await world.charge('several');
  await handIn(charge);
  await deliver();
  const closed = await Promise.all([close(), close(), close()]);
  expect(closed.filter((period) => period.outcome === 'built')).toHaveLength(1);
  world.clock.advance(60);
  await Promise.all([clearOnce(world.b.context), clearOnce(world.b.context), clearOnce(world.a.context)]);
  const batches = await world.b.database.db.selectFrom('batch').select('state').execute();
  expect(batches).toEqual([{ state: 'settled' }]);
  expect((await ledgerBalances(world.b))['channel-pot DEAAA']).toBe(micro(charge) - fee(charge));
  expect((await world.chains.b.channel('DEAAA', 'DEBBB')).sequence).toBe(1n);
});

test('blocks that a reorganisation takes back put a batch back on its way, and it is booked once', async () => {
  const charge = await world.charge('reorganised');
  await handIn(charge);
  await deliver();
  await close();
  const before = await ledgerBalances(world.b);
  const stored = await world.b.database.db
    .selectFrom('chain_cursor')
    .select('cursor')
    .executeTakeFirstOrThrow();
  const [newest] = JSON.parse(stored.cursor);
  const { chain } = world.b.context;
  if (chain === undefined) throw new Error('no chain');
  // The chain tells that all blocks from the first on are gone, and then the same again.
  let told = false;
  const moved = {
    ...chain,
    eventsSince: async (cursor: Parameters<typeof chain.eventsSince>[0]) => {
      if (told) return chain.eventsSince(cursor);
      told = true;
      return { rolledBackTo: 0, events: [], cursor: [] };
    },
  };
  const watch: string[] = [];
  const states = async () =>
    (await world.b.database.db.selectFrom('batch').select('state').execute()).map((row) => row.state);
  await followChain(world.b.context, {
    ...moved,
    eventsSince: async (cursor) => {
      watch.push(...(await states()));
      return moved.eventsSince(cursor);
    },
  });
  expect(watch.slice(0, 2)).toEqual(['settled', 'submitted']);
  expect(await states()).toEqual(['settled']);
  expect(await ledgerBalances(world.b)).toEqual(before);
  const after = await world.b.database.db
    .selectFrom('chain_cursor')
    .select('cursor')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(after.cursor)[0]).toEqual(newest);

  // At the debtor it is what both have signed until the chain says again that it is settled.
  const debtor = world.a.context;
  await followChain(debtor, chain);
  const statesAtDebtor = async () =>
    (await world.a.database.db.selectFrom('batch').select('state').execute()).map((row) => row.state);
  expect(await statesAtDebtor()).toEqual(['settled']);
  const watchAtDebtor: string[] = [];
  await followChain(debtor, {
    ...chain,
    eventsSince: async (cursor) => {
      watchAtDebtor.push(...(await statesAtDebtor()));
      return watchAtDebtor.length > 1
        ? chain.eventsSince(cursor)
        : { rolledBackTo: 0, events: [], cursor: [] };
    },
  });
  expect(watchAtDebtor.slice(0, 2)).toEqual(['settled', 'countersigned']);
  expect(await statesAtDebtor()).toEqual(['settled']);
});
