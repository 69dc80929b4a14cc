import { accountSigner } from '@p2p-power/chain/accountSigner';
import { readRedemption } from '@p2p-power/chain/ChargeToken';
import { chargeTokenAbi } from '@p2p-power/chain/generated/ChargeToken';
import { type Hex, toBytes } from '@p2p-power/protocol/Hex';
import { makeStation, testKey as worldKey } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printNotification } from '../bank/testing/printNotification.ts';
import { childAt, parseXml } from '../bank/XmlElement.ts';
import { warnOfIssuance } from '../netting/watchIssuance.ts';
import { dumpDatabase, findSecrets } from '../testing/findSecrets.ts';
import { type NettingMember, type NettingWorld, openNettingWorld } from '../testing/nettingWorld.ts';
import { enterPoint, spkiOf } from '../testing/samples.ts';
import type {
  OperatorBalance,
  PayoutChoiceAnswer,
  PreparedRedemption,
  Redemption,
} from './OperatorSchemas.ts';
import { tellAccounts } from './redemptionAccounts.ts';
import { redemptionPeriodS, warnOfDue } from './watchRedemptions.ts';

const walletKey: Hex = `0x${'3a7c'.repeat(16)}`;
const wallet = accountSigner(walletKey);
const ownAccount = wallet.address.toLowerCase() as Hex;
const day = 86_400;

let world: NettingWorld;
let a: NettingMember;
let b: NettingMember;
let c: NettingMember;
beforeAll(async () => {
  world = await openNettingWorld(['DEAAA', 'DEBBB', 'DECCC'], { issuanceLimitMicro: 60_000_000n });
  [a, b, c] = world.members as [NettingMember, NettingMember, NettingMember];
});
afterAll(() => world?.close());

const asBerta = (method: string, path: string, body?: unknown) =>
  b.call(method, path, { as: 'op-debbb', ...(body !== undefined && { body }) });
const asStaff = (of: NettingMember, method: string, path: string, body?: unknown) =>
  of.call(method, path, { as: 'staff', ...(body !== undefined && { body }) });
const balance = async (account?: Hex): Promise<OperatorBalance> =>
  (await asBerta('GET', `/operator/balance${account === undefined ? '' : `?account=${account}`}`)).body;
const choice = async (): Promise<PayoutChoiceAnswer> => (await asBerta('GET', '/operator/account')).body;
const redemptionOf = async (id: string): Promise<Redemption> => {
  const { body } = await asBerta('GET', '/operator/redemptions');
  return body.redemptions.find((one: Redemption) => one.redemptionId === id);
};
const sign = (typedData: unknown) => wallet.signTypedData(typedData as never);
const pending = async (of: NettingMember): Promise<readonly Redemption[]> =>
  (await asStaff(of, 'GET', '/admin/redemptions?pending=true')).body.redemptions;

/** The provider begins, writes its file, and its bank debits it; answers the IBAN that was paid. */
async function payByFile(of: NettingMember, redemptionId: string): Promise<string | undefined> {
  await asStaff(of, 'POST', `/admin/redemptions/${redemptionId}/begin`, {});
  const made = await asStaff(of, 'POST', '/admin/payment-files', {});
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  const { body: xml } = await asStaff(of, 'GET', `/admin/payment-files/${made.body.messageId}`);
  const parsed = parseXml(xml);
  if (!parsed.ok) throw new Error(parsed.detail);
  const path = ['CstmrCdtTrfInitn', 'PmtInf', 'CdtTrfTxInf'];
  const [{ endToEndId }] = made.body.payments;
  const amount = childAt(parsed.value, ...path, 'Amt', 'InstdAmt')?.text as string;
  const notified = await of.call('POST', '/admin/bank-statements', {
    as: 'staff',
    body: printNotification(of.iban, [{ side: 'DBIT', amount, endToEndId }], `D-${made.body.messageId}`),
    headers: { 'content-type': 'application/xml' },
  });
  expect(notified.body.taken).toMatchObject([{ state: 'done' }]);
  return childAt(parsed.value, ...path, 'CdtrAcct', 'Id', 'IBAN')?.text;
}

describe('a redemption that nobody pays', () => {
  let first: Redemption;

  test('waits, is due, and is overdue: for the operator, for the staff and on the chain', async () => {
    await world.trade('DEAAA', 'DEBBB', 40_000);
    await world.settle();
    await asBerta('POST', '/operator/claims');
    first = (await asBerta('POST', '/operator/redemptions', { amountMicro: 5_000_000 })).body;
    expect(first).toMatchObject({ state: 'open', provider: 'DEBBB', dueAt: expect.any(Number) });
    expect((first.dueAt as number) - redemptionPeriodS - world.clock.nowS()).toBeLessThanOrEqual(60);
    expect(await warnOfDue(b.context)).toEqual({ dueSoon: 0, overdue: 0 });
    world.advance(8 * day);
    expect(await warnOfDue(b.context)).toEqual({ dueSoon: 1, overdue: 0 });
    expect((await redemptionOf(first.redemptionId)).state).toBe('open');
    world.advance(3 * day);
    expect(await warnOfDue(b.context)).toEqual({ dueSoon: 0, overdue: 1 });
    expect((await redemptionOf(first.redemptionId)).state).toBe('overdue');
    expect(await pending(b)).toMatchObject([{ redemptionId: first.redemptionId, state: 'overdue' }]);
    const metrics = (await b.call('GET', '/metrics')).body;
    expect(metrics).toContain('p2p_power_redemptions{state="overdue"} 1');
    // The chain says so at the time of its newest block.
    await world.trade('DECCC', 'DEAAA', 1_000);
    await world.settle();
    const { rpc, deployment } = world.chain.connect();
    const token = { address: deployment.chargeToken, abi: chargeTokenAbi } as const;
    const period = await rpc.readContract({ ...token, functionName: 'REDEMPTION_PERIOD' });
    expect(Number(period)).toBe(redemptionPeriodS);
    const onChain = await readRedemption(world.chain.connect(), first.redemptionId as Hex);
    expect(onChain?.status).toBe('overdue');
  });

  test('is taken back and asked of another provider, which is told where to pay', async () => {
    const ask = (body: object) =>
      asBerta('POST', '/operator/redemptions', { amountMicro: 5_000_000, ...body });
    expect((await ask({ provider: 'DEXXX' })).body.refusal).toBe('peer-unknown');
    expect((await ask({ provider: 'DECCC' })).body.refusal).toBe('bank-account-missing');
    expect((await asBerta('DELETE', `/operator/redemptions/${first.redemptionId}`)).body.state).toBe(
      'cancelled',
    );
    expect((await asBerta('PUT', '/operator/bank-account', { name: 'B', iban: 'DE1' })).body.refusal).toBe(
      'iban-invalid',
    );
    const put = await asStaff(b, 'PUT', '/admin/operators/op-debbb/bank-account', {
      name: 'Berta Müller',
      iban: 'AT61 1904 3002 3457 3201',
    });
    expect(put.body.ibanEnd).toBe('3201');

    const asked = (await ask({ provider: 'DECCC', requestId: 'elsewhere' })).body as Redemption;
    expect(asked).toMatchObject({ state: 'open', provider: 'DECCC' });
    expect((await ask({ provider: 'DEBBB', requestId: 'elsewhere' })).body.refusal).toBe('request-id-used');
    expect(await pending(b)).toEqual([]);
    expect(await pending(c)).toMatchObject([{ redemptionId: asked.redemptionId, operatorId: null }]);
    expect(await payByFile(c, asked.redemptionId)).toBe('AT611904300234573201');
    expect((await redemptionOf(asked.redemptionId)).state).toBe('paid');
    expect((await balance()).redeemedMicro).toBe(5_000_000);
    const { body: ledger } = await asStaff(c, 'GET', '/admin/ledger');
    const of = (kind: string) =>
      ledger.accounts.find((one: { kind: string }) => one.kind === kind)?.balanceMicro ?? 0;
    expect(of('bank')).toBe(-5_000_000);
    expect(of('chain-position')).toBe(-ledger.positionMicro);
    // Nobody else can say where it goes.
    const told = { name: 'Mallory', iban: 'DE87123456781234567890', signature: `0x${'11'.repeat(65)}` };
    const path = `/redemptions/${asked.redemptionId}/account`;
    expect((await c.call('PUT', path, { body: told })).body.refusal).toBe('redemption-closed');
    const unknown = `/redemptions/0x${'77'.repeat(32)}/account`;
    for (let asked = 0; asked < 3; asked++)
      expect((await c.call('PUT', unknown, { body: told })).body.refusal).toBe('redemption-unknown');
  });

  test('a provider that was away is told later, and believes the holder alone', async () => {
    world.advance(60);
    const body = { amountMicro: 1_000_000, provider: 'DECCC' };
    const asked = (await asBerta('POST', '/operator/redemptions', body)).body as Redemption;
    const told = { name: 'Mallory', iban: 'DE87123456781234567890', signature: `0x${'11'.repeat(65)}` };
    const path = `/redemptions/${asked.redemptionId}/account`;
    expect((await c.call('PUT', path, { body: told })).body.refusal).toBe('account-signature-invalid');
    await c.context.db.deleteFrom('redemption_bank_account').execute();
    await b.context.db.updateTable('redemption_bank_account').set({ sent_at: null }).execute();
    await asStaff(c, 'POST', `/admin/redemptions/${asked.redemptionId}/begin`, {});
    const early = await asStaff(c, 'POST', '/admin/payment-files', {});
    expect(early.body.detail).toContain('bank-account-unknown');
    await tellAccounts(b.context);
    expect(await payByFile(c, asked.redemptionId)).toBe('AT611904300234573201');
  });
});

describe('an operator’s own wallet', () => {
  const change = (body: unknown) => asBerta('PUT', '/operator/account', body);

  test('becomes the account that is paid by its own signature, and by no other', async () => {
    const { body } = await asBerta('GET', `/operator/account/typed-data?account=${ownAccount}`);
    const signature = await sign(body.typedData);
    const other = accountSigner(`0x${'5b'.repeat(32)}`);
    const wrong = await other.signTypedData(body.typedData as never);
    expect((await change({ kind: 'own', account: ownAccount, signature: wrong })).body.refusal).toBe(
      'account-signature-invalid',
    );
    expect(await choice()).toMatchObject({ account: b.operatorAccount, accountKept: true, former: [] });
    const changed = await change({ kind: 'own', account: ownAccount, signature });
    expect(changed.body).toMatchObject({
      account: ownAccount,
      accountKept: false,
      former: [{ account: b.operatorAccount, accountKept: true, until: world.clock.nowS() }],
      bankAccount: { ibanEnd: '3201' },
    });
    expect((await change({ kind: 'own', account: ownAccount, signature })).body).toEqual(changed.body);
    const staff = await asStaff(b, 'POST', '/admin/operators', {
      name: 'Another',
      email: 'another@example.org',
      account: b.operatorAccount,
    });
    expect(staff.body.refusal).toBe('account-taken');
  });

  test('takes effect with the stations’ next certificates', async () => {
    const { operator, evseId, station, meter } = await enterPoint(b, { evseId: 'DE*BBB*EGARAGE1' });
    const asBert = (method: string, path: string, body?: unknown) =>
      b.call(method, path, { as: 'bert', ...(body !== undefined && { body }) });
    const walletOfBert = accountSigner(`0x${'6c'.repeat(32)}`);
    const account = walletOfBert.address.toLowerCase();
    const { body } = await asBert('GET', `/operator/account/typed-data?account=${account}`);
    const signature = await walletOfBert.signTypedData(body.typedData as never);
    // What another operator signed for itself is no signature for this one.
    expect((await change({ kind: 'own', account, signature })).body.refusal).toBe(
      'account-signature-invalid',
    );
    const changed = await asBert('PUT', '/operator/account', { kind: 'own', account, signature });
    expect(changed.body.pointsToRenew).toEqual(['DEBBBEGARAGE1']);
    const renewed = await asStaff(b, 'POST', `/admin/points/${evseId}/station-certificates`, {
      publicKey: station.publicKey,
      meterPublicKey: spkiOf(meter.publicKey),
      hardwareModel: 'Sample 11 kW',
    });
    expect(renewed.body.certificate.value.operatorAccount).toBe(account);
    expect((await asBert('GET', '/operator/account')).body.pointsToRenew).toEqual([]);
    // Back: the account that was kept before, no new one.
    const back = await asBert('PUT', '/operator/account', { kind: 'kept' });
    expect(back.body).toMatchObject({ account: operator.account, accountKept: true });
    expect(back.body.former).toMatchObject([{ account, accountKept: false }]);
  });

  test('earns, is paid out and redeems without a transaction of its own, also elsewhere', async () => {
    const station = await makeStation(b.world, 'Wallet garage', { operatorAccount: ownAccount });
    const before = (await balance(b.operatorAccount)).tokensMicro as number;
    await world.trade('DEAAA', 'DEBBB', 30_000, station);
    world.advance(60);
    await world.settle();
    const claimed = await asBerta('POST', '/operator/claims');
    expect(claimed.body.paidMicro).toBeGreaterThan(0);
    expect((await balance()).tokensMicro).toBe(claimed.body.paidMicro);
    expect((await balance(b.operatorAccount)).tokensMicro).toBe(before);
    const charges = (await asBerta('GET', '/operator/charges')).body;
    expect(charges.total).toBe(2);

    const ask = { amountMicro: 2_000_000, provider: 'DEAAA' };
    const prepared = (await asBerta('POST', '/operator/redemptions/prepare', ask)).body as PreparedRedemption;
    const { requestId, deadline } = prepared;
    const redeem = async (body: object, signed: object) =>
      asBerta('POST', '/operator/redemptions', { ...ask, requestId, ...body, signed });
    expect((await asBerta('POST', '/operator/redemptions', ask)).body.refusal).toBe('account-not-kept');
    const signature = await sign(prepared.typedData);
    expect((await redeem({}, { deadline, signature })).body.refusal).toBe('account-signature-invalid');
    const accountSignature = await sign(prepared.accountTypedData);
    const forged = await redeem(
      { requestId: 'forged', provider: 'DEBBB', amountMicro: 3_000_000 },
      { deadline, signature },
    );
    expect(forged.body.refusal).toBe('request-signature-invalid');
    const asked = await redeem({}, { deadline, signature, accountSignature });
    expect(asked.body).toMatchObject({
      state: 'open',
      provider: 'DEAAA',
      redemptionId: prepared.redemptionId,
    });
    expect((await redeem({}, { deadline, signature, accountSignature })).body.redemptionId).toBe(
      prepared.redemptionId,
    );
    expect(await payByFile(a, prepared.redemptionId)).toBe('AT611904300234573201');
    expect(await redemptionOf(prepared.redemptionId)).toMatchObject({ state: 'paid', holder: ownAccount });
    expect(await world.chain.connect().rpc.getTransactionCount({ address: wallet.address })).toBe(0);

    const own = (await asBerta('POST', '/operator/redemptions/prepare', { amountMicro: 1_000_000 })).body;
    expect(own.accountTypedData).toBeNull();
    const open = await asBerta('POST', '/operator/redemptions', {
      amountMicro: 1_000_000,
      requestId: own.requestId,
      signed: { deadline: own.deadline, signature: await sign(own.typedData) },
    });
    expect(open.body.state).toBe('open');
    expect((await asBerta('DELETE', `/operator/redemptions/${own.redemptionId}`)).body.refusal).toBe(
      'account-not-kept',
    );
    expect(await payByFile(b, own.redemptionId)).toBe('AT611904300234573201');
  });

  test('leaves what the former account holds to be redeemed there', async () => {
    const body = { amountMicro: 500_000, account: b.operatorAccount };
    const asked = (await asBerta('POST', '/operator/redemptions', body)).body as Redemption;
    expect(asked).toMatchObject({ state: 'open', holder: b.operatorAccount, operatorId: 'op-debbb' });
    expect(await payByFile(b, asked.redemptionId)).toBe('AT611904300234573201');
    // One transfer pays what own drivers' charges have earned at both.
    const former = await world.trade('DEBBB', 'DEBBB', 10_000);
    const station = await makeStation(b.world, 'Wallet garage', { operatorAccount: ownAccount });
    const present = await world.trade('DEBBB', 'DEBBB', 20_000, station);
    const pay = (amountMicro: number, bankReference: string) =>
      asStaff(b, 'POST', '/admin/payouts', { operatorId: 'op-debbb', amountMicro, bankReference });
    expect((await pay(former + present + 1, 'SEPA 1')).body.refusal).toBe('payout-over-balance');
    expect((await pay(former + 7, 'SEPA 1')).body).toMatchObject({ ownMicro: present - 7 });
    expect((await pay(former + 7, 'SEPA 1')).body).toMatchObject({ ownMicro: present - 7 });
    expect((await pay(former + 6, 'SEPA 1')).body.refusal).toBe('bank-reference-used');
    expect(await balance(b.operatorAccount)).toMatchObject({ ownMicro: 0, paidOutMicro: former });
    expect(await balance()).toMatchObject({ ownMicro: present - 7, paidOutMicro: 7 });
    const foreign = { amountMicro: 1, account: c.operatorAccount };
    expect((await asBerta('POST', '/operator/redemptions', foreign)).body.refusal).toBe('account-unknown');
  });
});

test('the issuance limit warns before it refuses a batch, and then refuses it', async () => {
  const issuance = async () => (await asStaff(a, 'GET', '/admin/ledger')).body.issuance;
  expect(await issuance()).toMatchObject({ limitMicro: 60_000_000, awaitingMicro: 0 });
  const { headroomMicro } = await issuance();
  let cost = 0;
  while (cost <= headroomMicro) cost += await world.trade('DEAAA', 'DECCC', 40_000);
  expect(await issuance()).toMatchObject({ headroomMicro, awaitingMicro: cost, warning: 'refused-soon' });
  expect((await warnOfIssuance(a.context, a.chain)).warning).toBe('refused-soon');
  const { body: metrics } = await a.call('GET', '/metrics');
  expect(metrics).toContain(`p2p_power_issuance_micro{what="awaiting"} ${cost}`);
  world.advance(60);
  await world.settle();
  const { body } = await asStaff(c, 'GET', '/admin/batches');
  expect(body.batches[0]).toMatchObject({ state: 'submitted', refusal: 'issuance-limit-exceeded' });
});

describe('no private key, and no operator’s account, is ever in a database in the clear', () => {
  const secrets = (): Record<string, Uint8Array> => ({
    wallet: toBytes(walletKey),
    ...Object.fromEntries(
      world.members.flatMap((member) => [
        [`account of ${member.providerId}`, toBytes(member.accountKey)],
        [`operator of ${member.providerId}`, toBytes(member.operatorKey)],
        [
          `certificate key of ${member.providerId}`,
          toBytes(worldKey(`provider ${member.providerId}`).privateKey),
        ],
        [`courier key of ${member.providerId}`, member.context.courierKey.privateKey],
        [`sealing key of ${member.providerId}`, member.context.sealingKey],
      ]),
    ),
  });

  test('after all of this', async () => {
    for (const { context } of world.members) {
      const rows = await dumpDatabase(context.db);
      expect(rows.length).toBeGreaterThan(50);
      expect(findSecrets(rows, secrets())).toEqual([]);
      const named = rows.filter((row) => /AT611904300234573201|Berta Mueller/.test(row));
      expect(named).toEqual([]);
    }
  });

  test('and one that is planted is found, however it is spelt', async () => {
    const key = Buffer.from(toBytes(b.operatorKey));
    const beside = (before: number) => Buffer.concat([Buffer.alloc(before, 9), key, Buffer.alloc(5, 7)]);
    const spellings = [
      b.operatorKey,
      key.toString('hex').toUpperCase(),
      key.toString('base64'),
      ...[1, 2, 3].map((before) => beside(before).toString('base64url')),
      BigInt(b.operatorKey).toString(),
    ];
    for (const spelling of spellings) {
      const planted = b.context.db
        .updateTable('redemption')
        .set({ refusal: `x${spelling}` })
        .where('holder', '=', b.operatorAccount);
      await planted.execute();
      expect(findSecrets(await dumpDatabase(b.context.db), secrets())).toContain(
        'operator of DEBBB in public.redemption',
      );
    }
  });
});
