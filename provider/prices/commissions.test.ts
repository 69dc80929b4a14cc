import type { Evidence } from '@p2p-power/protocol/Evidence';
import { feeOf } from '@p2p-power/protocol/PeeringFee';
import { dawn, plainTariff } from '@p2p-power/protocol/testing/world';
import { type Commission, workOutCommission } from '@p2p-power/tariff/Commission';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBooks } from '../audit/openBooks.ts';
import { runAudit } from '../audit/runAudit.ts';
import { followChain } from '../clearing/followChain.ts';
import type { OperatorCharge } from '../operators/OperatorSchemas.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { ledgerBalances } from '../testing/ledgerBalances.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';
import { type CommissionVersion, commissionAt } from './Commissions.ts';

const perKwh = { perKwhMicro: 50_000, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 };
/** All that the charge costs before tax. */
const everything = { perKwhMicro: 0, perHourMicro: 0, sharePerMille: 1_000, perSessionMicro: 0 };
/** A charge of it has no tax, so that the commission is the whole and the fee comes on top. */
const untaxed: Tariff = {
  ...plainTariff,
  id: 'untaxed',
  elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, stepSize: 1 }] }],
};

let world: ChainWorld;
let [plain, before, commissioned, short, own]: Evidence[] = [];
const micro = (evidence: Evidence | undefined) => (evidence as Evidence).cdr.value.chargeMicro;
const fee = (evidence: Evidence | undefined) =>
  Number(
    feeOf({ chargeMicro: micro(evidence), energyWh: 11_000 }, { feeShareBp: 150, feeMicroPerKwh: 10_000 }),
  );

const put = (commission: unknown) =>
  world.b.call('PUT', '/admin/commissions', { as: 'staff', body: commission });
const handIn = async (...evidence: Evidence[]) => {
  const { body } = await world.b.call('POST', '/hand-in', {
    body: { segments: [await world.seal(evidence)] },
  });
  expect(body.results[0].outcomes.map((one: { outcome: string }) => one.outcome)).toEqual(
    evidence.map(() => 'accepted'),
  );
};

beforeAll(async () => {
  world = await openChainWorld({ startS: dawn - 3_600 });
  expect((await put({ scope: 'operator', subject: 'bert', terms: perKwh, validFrom: dawn })).status).toBe(
    200,
  );
  world.clock.advance(3_600 + 7_200);
  // Signed before the commission began, under it, and by a driver of the same provider.
  const early = { authorization: { signedAt: dawn - 1 }, offer: { issuedAt: dawn - 61 } };
  [plain, before, commissioned, own] = await Promise.all([
    world.charge('plain', { ...early, authorization: { signedAt: dawn - 20 } }),
    world.charge('before', early),
    world.charge('commissioned'),
    world.charge('own', { driver: world.dora }),
  ]);
  short = await world.charge('short', { tariff: untaxed });
}, 60_000);
afterAll(() => world.close());

test('an operator with a commission earns that, and the provider the rest: own drivers at once, a peer’s by the batch', async () => {
  await handIn(plain as Evidence, before as Evidence, commissioned as Evidence, own as Evidence);
  expect(await ledgerBalances(world.b)).toEqual({
    'driver dora': micro(own),
    [`operator-own ${bertsAccount}`]: -550_000,
    [`energy-sales ${bertsAccount}`]: 550_000 - micro(own),
  });
  await deliverEvidence(world.b.context);
  const accepted = {
    'driver dora': micro(own),
    'peer-receivable DEAAA': micro(plain) + micro(before) + micro(commissioned),
    [`operator-own ${bertsAccount}`]: -550_000,
    [`operator-earned ${bertsAccount}`]: -(micro(plain) + micro(before) + 550_000),
    [`energy-sales ${bertsAccount}`]: 1_100_000 - micro(own) - micro(commissioned),
  };
  expect(await ledgerBalances(world.b)).toEqual(accepted);
  // From now on another one, of which a fee would take a part.
  const changed = await put({ scope: 'point', subject: '', terms: everything });
  expect(changed).toMatchObject({ status: 404, body: { refusal: 'point-unknown' } });
  expect((await put({ scope: 'operator', subject: 'bert', terms: everything })).status).toBe(200);
  await world.b.database.db
    .updateTable('commission')
    .set({ valid_from: String(dawn + 25) })
    .where('valid_from', '>', String(dawn))
    .execute();
  await handIn(short as Evidence);
  await deliverEvidence(world.b.context);

  const { body } = await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  const [{ batch }] = body.periods;
  const fees = fee(plain) + fee(before) + fee(commissioned) + fee(short);
  const total = micro(plain) + micro(before) + micro(commissioned) + micro(short);
  expect(batch).toMatchObject({ state: 'settled', totalMicro: total, feeMicro: fees, count: 4 });
  for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);
  const bertPaid =
    micro(plain) - fee(plain) + micro(before) - fee(before) + 550_000 + micro(short) - fee(short);
  expect(await ledgerBalances(world.b)).toEqual({
    'driver dora': micro(own),
    // What the fee left of the commission is short of it, and is paid by bank.
    [`operator-own ${bertsAccount}`]: -550_000 - fee(short),
    [`operator-claimable ${bertsAccount}`]: -bertPaid,
    [`energy-sales ${bertsAccount}`]: 1_100_000 - micro(own) - micro(commissioned),
    'channel-pot DEAAA': total - fees,
    'own-tokens': fees,
    // Of what has no commission the operator bears the fee; of the rest we bear it ourselves.
    'fee-income DEAAA': -(fee(plain) + fee(before)),
  });

  const bert = await world.b.call('POST', '/operator/claims', { as: 'bert', body: {} });
  expect(bert.body.paidMicro).toBe(bertPaid);
  const ours = await world.b.call('POST', '/admin/own-claims', { as: 'staff' });
  expect(ours.body.paidMicro).toBe(total - fees - bertPaid);
  expect(await world.chains.b.balanceMicro(bertsAccount)).toBe(BigInt(bertPaid));
  expect((await world.b.call('POST', '/admin/own-claims', { as: 'staff' })).body.paidMicro).toBe(0);
  const after = await ledgerBalances(world.b);
  expect(after['channel-pot DEAAA']).toBeUndefined();
  expect(after['own-tokens']).toBe(total - bertPaid);
});

test('the operator can repeat each commission from its own statement: terms, energy, time and price before tax', async () => {
  const { body } = await world.b.call('GET', '/operator/statement', { as: 'bert' });
  const charged = new Map<string, OperatorCharge>(
    body.lines.map((line: OperatorCharge) => [line.authorizationId, line]),
  );
  const lineOf = (evidence: Evidence | undefined) =>
    charged.get((evidence as Evidence).cdr.value.authorizationId) as OperatorCharge;
  expect(lineOf(commissioned).commissionBasis).toEqual({
    terms: perKwh,
    energyWh: 11_000,
    durationS: 3_600,
    exclVatMicro: 4_290_000,
  });
  // What held when its driver signed, not what holds now.
  expect(lineOf(own).commissionBasis?.terms).toEqual(perKwh);
  expect(lineOf(short).commissionBasis?.terms).toEqual(everything);
  expect(lineOf(plain)).toMatchObject({ commissionMicro: null, commissionBasis: null });
  for (const { commissionMicro, commissionBasis } of body.lines as OperatorCharge[])
    if (commissionBasis !== null)
      expect(workOutCommission(commissionBasis.terms, commissionBasis).amountMicro).toBe(commissionMicro);

  const { body: csv } = await world.b.call('GET', '/operator/statement?format=csv', { as: 'bert' });
  const rows = String(csv)
    .trimEnd()
    .split('\r\n')
    .map((row) => row.split(','));
  const [head = []] = rows;
  const row = rows.find((cells) => cells.includes(lineOf(commissioned).cdrId)) ?? [];
  const cells = Object.fromEntries(head.map((name, at) => [name, row[at]]));
  expect(cells).toMatchObject({
    imported_kwh: '11.000',
    commission: '0.550000',
    commission_duration_s: '3600',
    commission_net: '4.290000',
    commission_per_kwh: '0.050000',
    commission_per_hour: '0.000000',
    commission_share_percent: '0.0',
    commission_per_session: '0.000000',
    commission_least: '',
    commission_most: '',
  });
});

test('both providers’ audits find nothing, and see a share that was changed afterwards', async () => {
  const client = () => ({ ...world.network.client });
  const audit = async (provider: 'a' | 'b') => {
    const { db, config } = world[provider].context;
    const books = await openBooks(client(), db, { providerId: config.providerId });
    const report = await runAudit({ client: client(), books });
    if (!report.ok) throw new Error(report.refusal);
    return report.value.findings;
  };
  expect(await audit('a')).toEqual([]);
  expect(await audit('b')).toEqual([]);
  const { db } = world.b.database;
  const set = (operatorMicro: string) =>
    db
      .updateTable('charge')
      .set({ operator_micro: operatorMicro })
      .where('commission_micro', '=', '550000')
      .where('state', '=', 'accepted')
      .execute();
  await set('549999');
  const names = (await audit('b')).map(({ name }) => name);
  expect(names).toContain('payout-differs');
  expect(names).toContain('payouts-root-differs');
  await set('550000');
  expect(await audit('b')).toEqual([]);
});

test('operators see their commissions beside their charges, and what they have earned', async () => {
  const { body } = await world.b.call('GET', '/operator/statement', { as: 'bert' });
  const commissions = new Map(
    body.lines.map((line: { cdrId: string; commissionMicro: number | null }) => [
      line.cdrId,
      line.commissionMicro,
    ]),
  );
  expect([...commissions.values()].filter((one) => one === 550_000)).toHaveLength(2);
  expect([...commissions.values()].filter((one) => one === null)).toHaveLength(2);
  expect(body.commissionMicro).toBe(1_100_000 + micro(short));
  expect(body.earnedMicro).toBe(
    1_100_000 + micro(short) + micro(plain) - fee(plain) + micro(before) - fee(before),
  );
  const csv = (await world.b.call('GET', '/operator/statement?format=csv', { as: 'bert' })).body;
  expect(csv).toContain(',0.550000,0.550000,');
});

describe('a peer that proposes', () => {
  test('more for an operator than the charge is refused', async () => {
    const { countersignBatch } = await import('../clearing/countersignBatch.ts');
    const row = await world.b.database.db.selectFrom('batch').selectAll().executeTakeFirstOrThrow();
    const charge = {
      authorizationId: `0x${'11'.repeat(32)}`,
      cdrId: `0x${'22'.repeat(32)}`,
      chargeMicro: 5,
    };
    const propose = (operatorMicro: unknown) =>
      countersignBatch(world.a.context, world.chains.a, 'DEBBB', {
        batch: JSON.parse(row.batch),
        creditorSignature: row.creditor_signature,
        charges: [{ ...charge, operatorMicro }],
      });
    for (const wrong of [6, -1, 0.5, '5', null])
      expect(await propose(wrong)).toMatchObject({ ok: false, refusal: 'bad-charges' });
  });
});

describe('the commission of a charge', () => {
  const version = (
    scope: CommissionVersion['scope'],
    subject: string,
    perKwhMicro: number | null,
    validFrom: number,
  ): CommissionVersion => ({
    scope,
    subject,
    terms: perKwhMicro === null ? null : ({ ...perKwh, perKwhMicro } satisfies Commission),
    validFrom,
    enteredAt: 0,
  });
  const versions = [
    version('all', '', 1, 100),
    version('target-group', 'hotel', 2, 200),
    version('operator', 'bert', 3, 300),
    version('operator', 'bert', 33, 350),
    version('point', 'DEAAAE1', 4, 400),
    version('point', 'DEAAAE1', null, 500),
  ];
  const bertsHotel = { evseId: 'DEAAAE1', operatorId: 'bert', targetGroup: 'hotel' };
  const at = (time: number, point = bertsHotel) => commissionAt(versions, point, time)?.perKwhMicro;

  test('is the most specific in force when its driver signed', () => {
    expect([99, 100, 200, 300, 350, 400, 500].map((time) => at(time))).toEqual([
      undefined,
      1,
      2,
      3,
      33,
      4,
      33,
    ]);
    expect(at(1_000, { ...bertsHotel, operatorId: 'somebody else', evseId: 'other' })).toBe(2);
    expect(at(1_000, { evseId: 'other', operatorId: 'other', targetGroup: 'garage' })).toBe(1);
  });

  test('cannot begin in the past, nor be of nobody', async () => {
    const refused = async (commission: unknown) => {
      const { status, body } = await put(commission);
      return [status, body.refusal, body.detail];
    };
    expect(await refused({ scope: 'all', terms: perKwh, validFrom: 5 })).toEqual([
      422,
      'valid-from-past',
      expect.stringContaining('validFrom'),
    ]);
    expect((await refused({ scope: 'operator', subject: 'nobody', terms: perKwh }))[1]).toBe(
      'operator-unknown',
    );
    expect((await refused({ scope: 'target-group', subject: 'castle', terms: perKwh }))[0]).toBe(400);
    expect(await refused({ scope: 'all', terms: { ...perKwh, perKwhMicro: -1 } })).toEqual([
      422,
      expect.any(String),
      expect.stringContaining('perKwhMicro'),
    ]);
    const { body } = await world.b.call('GET', '/admin/commissions', { as: 'staff' });
    expect(body.commissions).toMatchObject([
      { scope: 'operator', subject: 'bert', terms: perKwh, inForce: false },
      { scope: 'operator', subject: 'bert', terms: everything, inForce: true },
    ]);
    expect((await world.b.call('GET', '/admin/commissions', { as: 'bert' })).status).toBe(401);
  });
});
