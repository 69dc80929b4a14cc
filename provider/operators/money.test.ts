import { accountSigner } from '@p2p-power/chain/accountSigner';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { feeOf } from '@p2p-power/protocol/PeeringFee';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followChain } from '../clearing/followChain.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { markRedemptionPaid, redemptionJob, requestRedemption } from './redemptions.ts';
import { sealAccountKey } from './sealAccountKey.ts';

const bertsKey: Hex = `0x${'b7'.repeat(32)}`;
const account = accountSigner(bertsKey).address.toLowerCase() as Hex;
let world: ChainWorld;
let foreign: Evidence[];
let own: Evidence;

beforeAll(async () => {
  world = await openChainWorld({ operatorAccount: account });
  const { context } = world.b;
  await context.db
    .insertInto('account_key')
    .values({
      account,
      sealed_key: sealAccountKey(context.sealingKey, account, bertsKey),
      created_at: '0',
    })
    .execute();
  foreign = [await world.charge('foreign 1'), await world.charge('foreign 2')];
  own = await world.charge('own', { driver: world.dora });
});
afterAll(() => world.close());

const asBert = (method: string, path: string, body?: unknown) =>
  world.b.call(method, path, { as: 'bert', ...(body !== undefined && { body }) });
const asStaff = (method: string, path: string, body?: unknown) =>
  world.b.call(method, path, { as: 'staff', ...(body !== undefined && { body }) });
const balance = async () => (await asBert('GET', '/operator/balance')).body;
const total = () => foreign.reduce((sum, evidence) => sum + evidence.cdr.value.chargeMicro, 0);
const payout = () =>
  foreign.reduce((sum, { cdr: { value } }) => {
    const fee = feeOf(
      { chargeMicro: value.chargeMicro, energyWh: value.importedWh },
      { feeShareBp: 150, feeMicroPerKwh: 10_000 },
    );
    return sum + value.chargeMicro - Number(fee);
  }, 0);

const nothing = {
  waitingMicro: 0,
  refusedMicro: 0,
  earnedMicro: 0,
  claimableMicro: 0,
  tokensMicro: 0,
  redeemingMicro: 0,
  redeemedMicro: 0,
  paidOutMicro: 0,
};

describe('an operator’s money, step by step', () => {
  test('handed in, it waits; accepted, it is earned; own drivers’ is owed at once', async () => {
    const segments = [await world.seal([...foreign, own])];
    await world.b.call('POST', '/hand-in', { body: { segments } });
    const ownMicro = own.cdr.value.chargeMicro;
    expect(await balance()).toMatchObject({
      ...nothing,
      waitingMicro: total(),
      ownMicro,
      account,
      accountKept: true,
    });
    await deliverEvidence(world.b.context);
    expect(await balance()).toMatchObject({ ...nothing, earnedMicro: total(), ownMicro });
    const { body } = await asBert('GET', '/operator/charges');
    expect(body.total).toBe(3);
    expect(body.charges.map((charge: { state: string }) => charge.state).sort()).toEqual([
      'accepted',
      'accepted',
      'booked',
    ]);
  });

  test('settled, it can be claimed, once', async () => {
    await asStaff('POST', '/admin/periods/close', { periodEnd: world.clock.nowS() });
    expect(await balance()).toMatchObject({ ...nothing, claimableMicro: payout() });
    const claimed = await asBert('POST', '/operator/claims');
    expect(claimed.body).toMatchObject({
      paidMicro: payout(),
      claims: [{ peer: 'DEAAA', paidMicro: payout() }],
    });
    expect((await asBert('POST', '/operator/claims')).body).toEqual({ claims: [], paidMicro: 0 });
    expect(await balance()).toMatchObject({ ...nothing, tokensMicro: payout() });
    const { body } = await asBert('GET', '/operator/charges');
    const settled = body.charges.filter((charge: { state: string }) => charge.state === 'settled');
    expect(settled).toHaveLength(2);
    expect(settled[0]).toMatchObject({ batchSequence: 1, txHash: expect.stringMatching(/^0x/) });
  });

  test('tokens are redeemed for money: asked once, cancelled, begun, paid', async () => {
    const ask = { amountMicro: 1_000_000, requestId: 'my-first' };
    const first = await asBert('POST', '/operator/redemptions', ask);
    expect(first.body).toMatchObject({
      state: 'open',
      amountMicro: 1_000_000,
      operatorName: 'Bert',
      holder: account,
    });
    const id = first.body.redemptionId;
    expect((await asBert('POST', '/operator/redemptions', ask)).body.redemptionId).toBe(id);
    expect(await asBert('POST', '/operator/redemptions', { ...ask, amountMicro: 2 })).toMatchObject({
      status: 409,
      body: { refusal: 'request-id-used' },
    });
    expect(await balance()).toMatchObject({ redeemingMicro: 1_000_000, tokensMicro: payout() - 1_000_000 });
    expect((await asBert('DELETE', `/operator/redemptions/${id}`)).body.state).toBe('cancelled');
    expect(await balance()).toMatchObject({ redeemingMicro: 0, tokensMicro: payout() });

    const second = (await asBert('POST', '/operator/redemptions', { amountMicro: payout() })).body;
    expect(second.state).toBe('open');
    expect((await asStaff('POST', `/admin/redemptions/${second.redemptionId}/begin`)).body.state).toBe(
      'paying',
    );
    expect(await asBert('DELETE', `/operator/redemptions/${second.redemptionId}`)).toMatchObject({
      status: 409,
      body: { refusal: 'payment-under-way' },
    });
    const pay = (bankReference: string) =>
      asStaff('POST', `/admin/redemptions/${second.redemptionId}/paid`, { bankReference });
    expect((await pay('SEPA 1')).body).toMatchObject({ state: 'paid', bankReference: 'SEPA 1' });
    expect((await pay('SEPA 1')).body.state).toBe('paid');
    expect((await pay('SEPA 2')).body.refusal).toBe('redemption-closed');
    expect(await balance()).toMatchObject({ ...nothing, redeemedMicro: payout() });
    const { body } = await asStaff('GET', '/admin/ledger');
    const of = (kind: string) =>
      body.accounts.find((one: { kind: string }) => one.kind === kind)?.balanceMicro;
    expect(body.totalMicro).toBe(0);
    expect(of('bank')).toBe(-payout());
    expect(of('chain-position')).toBe(payout());
    expect(body.positionMicro).toBe(-payout());
    const supply =
      (await world.chains.a.positionMicro('DEAAA')) + (await world.chains.b.positionMicro('DEBBB'));
    expect(supply).toBe(BigInt(total() - payout()));
  });

  test('own drivers’ charges are paid by bank transfer, once and not beyond what is owed', async () => {
    const ownMicro = own.cdr.value.chargeMicro;
    const pay = (amountMicro: number, bankReference: string, operatorId = 'bert') =>
      asStaff('POST', '/admin/payouts', { operatorId, amountMicro, bankReference });
    expect((await pay(ownMicro + 1, 'SEPA 10')).body.refusal).toBe('payout-over-balance');
    expect((await pay(1, 'SEPA 10', 'nobody')).body.refusal).toBe('operator-unknown');
    expect((await pay(1, 'SEPA 1')).body.refusal).toBe('bank-reference-used');
    expect((await pay(ownMicro - 5, 'SEPA 10')).body).toMatchObject({ ownMicro: 5 });
    expect((await pay(ownMicro - 5, 'SEPA 10')).body).toMatchObject({ ownMicro: 5 });
    expect((await pay(5, 'SEPA 10')).body.refusal).toBe('bank-reference-used');
    const both = await Promise.all([pay(4, 'SEPA 11'), pay(4, 'SEPA 12')]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 422]);
    expect(await balance()).toMatchObject({ ownMicro: 1, paidOutMicro: ownMicro - 1 });
  });

  test('what is too much, unknown, another’s or not allowed has its name', async () => {
    const over = await asBert('POST', '/operator/redemptions', { amountMicro: 10 ** 12 });
    expect([over.status, over.body.refusal]).toEqual([422, 'balance-too-low']);
    const unknown = `0x${'77'.repeat(32)}`;
    expect((await asBert('DELETE', `/operator/redemptions/${unknown}`)).status).toBe(404);
    expect((await asStaff('POST', `/admin/redemptions/${unknown}/paid`, { bankReference: 'x' })).status).toBe(
      404,
    );
    expect((await world.b.call('GET', '/operator/balance', { as: 'anna' })).status).toBe(403);
    expect((await world.b.call('POST', '/admin/payouts', { as: 'bert', body: {} })).status).toBe(401);
    const keepsOwn = await requestRedemption(
      world.b.context,
      world.chains.b,
      { operatorId: 'bert', account, accountKept: false },
      { amountMicro: 1 },
    );
    expect(keepsOwn).toMatchObject({ ok: false, refusal: 'account-not-kept' });
  });

  test('a redemption asked for while the chain is away is made once, later', async () => {
    foreign.push(await world.charge('foreign 3'));
    await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(foreign)] } });
    await deliverEvidence(world.b.context);
    world.clock.advance(3_600);
    await asStaff('POST', '/admin/periods/close', { periodEnd: world.clock.nowS() });
    const { paidMicro } = (await asBert('POST', '/operator/claims')).body;
    expect(paidMicro).toBeGreaterThan(0);
    const away = world.chainAt('http://127.0.0.1:9', 'DEBBB');
    const asked = await requestRedemption(
      world.b.context,
      away,
      { operatorId: 'bert', account, accountKept: true },
      { amountMicro: 700, requestId: 'later' },
    );
    expect(asked).toMatchObject({ ok: true, value: { state: 'requesting' } });
    const { signal } = new AbortController();
    await redemptionJob.run(world.b.context, signal);
    await redemptionJob.run(world.b.context, signal);
    const { body } = await asBert('GET', '/operator/redemptions');
    expect(body.redemptions.filter((one: { amountMicro: number }) => one.amountMicro === 700)).toMatchObject([
      { state: 'open' },
    ]);
    expect(await balance()).toMatchObject({ tokensMicro: paidMicro - 700, redeemingMicro: 700 });
  });

  test('stopped between the chain and its books, a payment keeps its bank reference', async () => {
    const { body } = await asBert('GET', '/operator/redemptions');
    const { redemptionId } = body.redemptions.find((one: { amountMicro: number }) => one.amountMicro === 700);
    const pay = (bankReference: string) =>
      asStaff('POST', `/admin/redemptions/${redemptionId}/paid`, { bankReference });
    const away = world.chainAt('http://127.0.0.1:9', 'DEBBB');
    await expect(markRedemptionPaid(world.b.context, away, redemptionId, 'SEPA 700')).rejects.toThrow();
    expect((await pay('SEPA 701')).body.refusal).toBe('bank-reference-differs');
    // What the chain says no to may be tried with another reference.
    const refusing = {
      ...world.chains.b,
      markPaid: async () => ({ ok: false as const, refusal: 'no', detail: 'no' }),
    };
    const refused = await markRedemptionPaid(world.b.context, refusing, redemptionId, 'SEPA 700');
    expect(refused).toMatchObject({ ok: false, refusal: 'no' });
    const dying = {
      ...world.chains.b,
      async markPaid(...asked: Parameters<typeof world.chains.b.markPaid>) {
        await world.chains.b.markPaid(...asked);
        throw new Error('killed');
      },
    };
    const killed = markRedemptionPaid(world.b.context, dying, redemptionId, 'SEPA 702');
    await expect(killed).rejects.toThrow('killed');
    expect((await pay('SEPA 703')).body.refusal).toBe('bank-reference-differs');
    expect((await pay('SEPA 702')).body).toMatchObject({ state: 'paid', bankReference: 'SEPA 702' });
    expect((await pay('SEPA 702')).status).toBe(200);
    expect((await pay('SEPA 703')).body.refusal).toBe('redemption-closed');
  });

  test('a bank transfer between the providers brings both positions to zero', async () => {
    const owed = Number(-(await world.chains.b.positionMicro('DEBBB')));
    const confirmed = await asStaff('POST', '/admin/receipts', {
      payer: 'DEAAA',
      amountMicro: owed,
      bankReference: 'A to B 1',
    });
    expect(confirmed.status).toBe(200);
    await followChain(world.a.context, world.chains.a);
    for (const provider of ['a', 'b'] as const) {
      const { body } = await world[provider].call('GET', '/admin/ledger', { as: 'staff' });
      const position = body.accounts.find(
        (one: { kind: string }) => one.kind === 'chain-position',
      ).balanceMicro;
      expect(body.totalMicro).toBe(0);
      expect(position).toBe(-body.positionMicro || 0);
    }
    expect(await world.chains.b.positionMicro('DEBBB')).toBe(0n);
  });
});

describe('statements', () => {
  test('Anna’s shows all her charges with their price lines, and adds up', async () => {
    const asAnna = (path: string) => world.a.call('GET', path, { as: 'anna' });
    const charges = await asAnna('/me/charges');
    expect(charges.body.total).toBe(3);
    const { body } = await asAnna('/me/statement');
    expect(body).toMatchObject({ count: 3, totalMicro: total(), chargeMicro: total(), creditMicro: 0 });
    expect(body.exclVatMicro + body.vatMicro).toBe(total());
    for (const line of body.lines) {
      const net = line.priceLines.reduce(
        (sum: number, one: { amountMicro: number }) => sum + one.amountMicro,
        0,
      );
      expect(Math.abs(net - line.exclVatMicro)).toBeLessThanOrEqual(line.priceLines.length);
      const evidence = await asAnna(`/me/charges/${line.cdrId}/evidence`);
      expect(foreign).toContainEqual(evidence.body);
    }
    const [first] = body.lines;
    const empty = await asAnna(`/me/statement?from=${first.endedAt + 1}`);
    expect(empty.body).toMatchObject({ count: 0, totalMicro: 0 });
    const csv = await asAnna('/me/statement?format=csv');
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    const rows = csv.body.trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[0].split(',').slice(0, 3)).toEqual(['started_at', 'ended_at', 'evse_id']);
    expect(rows[1]).toContain('11.000,0.000');
    const german = (await asAnna('/me/statement?format=csv&separator=semicolon')).body;
    expect(german).toContain(';11,000;');
    expect(
      (await world.a.call('GET', `/me/charges/${first.cdrId}/evidence`, { as: 'somebody' })).status,
    ).toBe(404);
  });

  test('Bert’s names no driver and adds up to what was claimed and what is owed', async () => {
    const { body } = await asBert('GET', '/operator/statement');
    expect(body).toMatchObject({ count: 4, operatorName: 'Bert', refusedMicro: 0 });
    expect(body.chargeMicro - body.feeMicro).toBe(payout() + own.cdr.value.chargeMicro);
    expect(JSON.stringify(body)).not.toContain(world.anna.certificate.value.emaid.text);
    const csv = (await asBert('GET', '/operator/statement?format=csv')).body;
    expect(csv.trimEnd().split('\r\n')).toHaveLength(5);
  });

  test('the views for billing systems say the same', async () => {
    const billed = await world.a.database.db.executeQuery<{ charge: string; driver_id: string }>(
      rawQuery('select driver_id, sum(charge) as charge from billing_charges group by driver_id'),
    );
    expect(billed.rows).toEqual([{ driver_id: 'anna', charge: (total() / 1e6).toFixed(6) }]);
    const credited = await world.b.database.db.executeQuery<{ earned: string }>(
      rawQuery("select sum(earned) as earned from operator_credits where state = 'settled'"),
    );
    expect(credited.rows).toEqual([{ earned: (payout() / 1e6).toFixed(6) }]);
  });
});

function rawQuery(text: string) {
  return sql.raw<never>(text).compile(world.a.database.db);
}
