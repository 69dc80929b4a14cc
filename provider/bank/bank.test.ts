import type { Result } from '@p2p-power/tariff/Result';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followChain } from '../clearing/followChain.ts';
import { providerClient } from '../client/ProviderClient.ts';
import type { NettingRoundAnswer } from '../netting/NettingSchemas.ts';
import { type NettingMember, type NettingWorld, openNettingWorld } from '../testing/nettingWorld.ts';
import { testStaffToken } from '../testing/testProvider.ts';
import { printEuros } from './Cents.ts';
import { listPeerBankAccounts } from './peerBankAccounts.ts';
import { bankEntriesJob, takeNotification } from './takeNotification.ts';
import { printNotification, testIbans } from './testing/printNotification.ts';

let world: NettingWorld;
let a: NettingMember;
let b: NettingMember;
let endToEndId: string;
let amount: string;
beforeAll(async () => {
  world = await openNettingWorld(['DEAAA', 'DEBBB']);
  [a, b] = world.members as [NettingMember, NettingMember];
  // A owes what B's operator has redeemed at B.
  await world.trade('DEAAA', 'DEBBB', 40_000);
  await world.settle();
  const claimed = await b.call('POST', '/operator/claims', { as: 'op-debbb' });
  const { body } = await b.call('POST', '/operator/redemptions', {
    as: 'op-debbb',
    body: { amountMicro: claimed.body.paidMicro },
  });
  await asStaff(b, 'POST', `/admin/redemptions/${body.redemptionId}/begin`, {});
  await asStaff(b, 'POST', `/admin/redemptions/${body.redemptionId}/paid`, { bankReference: 'by hand' });
  const opened = await asStaff(a, 'POST', '/admin/netting/rounds', {});
  const [leg] = (opened.body as NettingRoundAnswer).transfers;
  endToEndId = leg?.endToEndId as string;
  amount = printEuros(BigInt(leg?.amountMicro as number));
});
afterAll(() => world?.close());

const asStaff = (of: NettingMember, method: string, path: string, body?: unknown) =>
  of.call(method, path, { as: 'staff', ...(body !== undefined && { body }) });
const notify = (of: NettingMember, xml: string) =>
  of.call('POST', '/admin/bank-statements', {
    as: 'staff',
    body: xml,
    headers: { 'content-type': 'application/xml' },
  });
const progress = async (of: NettingMember) =>
  ((await asStaff(of, 'GET', '/admin/netting/rounds')).body.rounds[0] as NettingRoundAnswer).transfers[0]
    ?.progress;

test('an account that changes is not paid to until the staff has asked back again', async () => {
  await asStaff(a, 'GET', '/admin/bank-accounts');
  const confirm = (iban: string) => asStaff(a, 'POST', '/admin/bank-accounts/DEBBB/confirm', { iban });
  expect((await confirm(b.iban)).body.isConfirmed).toBe(true);
  const honest = b.context.config.bankAccount;
  Object.assign(b.context.config, { bankAccount: { name: 'B', iban: testIbans[4] } });
  const refused = await asStaff(a, 'POST', '/admin/payment-files', {});
  expect(refused.body.detail).toBe(`${endToEndId} bank-account-unconfirmed`);
  Object.assign(b.context.config, { bankAccount: honest });
  await asStaff(a, 'GET', '/admin/bank-accounts');
  expect(await listPeerBankAccounts(a.context)).toMatchObject([{ iban: b.iban, isConfirmed: true }]);
  expect((await asStaff(a, 'POST', '/admin/bank-accounts/DEXXX/confirm', { iban: b.iban })).status).toBe(404);
});

test('of two files made at once one has the payment', async () => {
  const both = await Promise.all([1, 2].map(() => asStaff(a, 'POST', '/admin/payment-files', {})));
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 422]);
  const { body } = await asStaff(a, 'GET', '/admin/payment-files');
  expect(body.files).toMatchObject([{ count: 1 }]);
  expect((await asStaff(a, 'GET', '/admin/payment-files/unknown')).body.refusal).toBe('payment-file-unknown');
  expect((await a.call('GET', `/admin/payment-files/${body.files[0].messageId}`)).status).toBe(401);
});

test('an entry whose chain is away waits, and is confirmed once the chain is there', async () => {
  const xml = printNotification(b.iban, [{ side: 'CRDT', amount, endToEndId }], 'AWAY');
  const away = new Proxy(b.chain, {
    get: (chain, name, receiver) =>
      name === 'confirmReceipt'
        ? () => Promise.reject(Object.assign(new Error('gone'), { name: 'ChainFault' }))
        : Reflect.get(chain, name, receiver),
  });
  const taken = await takeNotification(b.context, away, xml);
  expect(taken).toMatchObject({
    ok: true,
    value: { known: 0, taken: [{ state: 'matched', refusal: 'temporarily-unavailable' }] },
  });
  expect((await notify(b, xml)).body).toMatchObject({ known: 1, taken: [] });
  expect(await progress(b)).toBe('due');
  expect(await progress(a)).toBe('in-file');
  const { signal } = new AbortController();
  await bankEntriesJob.run(b.context, signal);
  expect(await progress(b)).toBe('due');
  world.advance(10);
  await bankEntriesJob.run(b.context, signal);
  expect(await progress(b)).toBe('confirmed');
  expect(await progress(a)).toBe('confirmed');
  const { body } = await asStaff(b, 'GET', '/admin/bank-entries?state=done');
  expect(body.entries).toMatchObject([{ endToEndId, refusal: null }]);
});

test('what comes back, or is on another account, is kept for people', async () => {
  const returned = printNotification(a.iban, [{ side: 'CRDT', amount, endToEndId }], 'RETURN');
  expect((await notify(a, returned)).body.taken).toMatchObject([
    { state: 'unmatched', refusal: 'payment-returned' },
  ]);
  const elsewhere = printNotification(testIbans[4], [{ side: 'CRDT', amount, endToEndId }], 'OTHER');
  expect((await notify(b, elsewhere)).body.taken).toMatchObject([{ refusal: 'other-account' }]);
  const { body } = await asStaff(a, 'GET', '/admin/bank-entries?state=unmatched');
  expect(body.entries).toMatchObject([{ refusal: 'payment-returned', messageId: 'RETURN' }]);
});

test('one that nothing is known of is taken up when the same file comes again and something is', async () => {
  const early = printNotification(b.iban, [{ side: 'CRDT', amount, endToEndId, reference: 'E1' }], 'EARLY');
  const row = await b.context.db.selectFrom('netting_transfer').selectAll().executeTakeFirstOrThrow();
  await b.context.db.deleteFrom('netting_transfer').execute();
  expect((await notify(b, early)).body.taken).toMatchObject([{ refusal: 'reference-unknown' }]);
  await b.context.db.insertInto('netting_transfer').values(row).execute();
  // Confirmed before under the same reference: the chain has it once, and the entry is done.
  expect((await notify(b, early)).body.taken).toMatchObject([{ state: 'done' }]);
  const receipts = await b.context.db.selectFrom('chain_receipt').selectAll().execute();
  expect(receipts).toHaveLength(1);
});

test('no file, or none in UTF-8, is no notification', async () => {
  expect((await notify(b, '')).body.refusal).toBe('not-xml');
  const latin = await b.app.fetch(
    new Request(`${b.context.config.publicUrl}/admin/bank-statements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testStaffToken}`, 'content-type': 'application/xml' },
      body: new Uint8Array([0x3c, 0xe4, 0x3e]),
    }),
  );
  expect(await latin.json()).toMatchObject({ refusal: 'encoding-unsupported' });
});

test('a confirmation in blocks that a reorganisation takes back counts again only when it comes again', async () => {
  await followChain(a.context, a.chain);
  expect(await progress(a)).toBe('confirmed');
  const stored = await a.context.db.selectFrom('chain_cursor').selectAll().executeTakeFirstOrThrow();
  const [newest] = JSON.parse(stored.cursor) as [{ blockNumber: number; blockHash: string }];
  const forgotten = new Proxy(a.chain, {
    get: (chain, name, receiver) =>
      name === 'eventsSince'
        ? async () => ({ rolledBackTo: 0, events: [], cursor: [{ ...newest, blockNumber: 0 }] })
        : Reflect.get(chain, name, receiver),
  });
  const once = new AbortController();
  const following = followChain(
    {
      ...a.context,
      log: Object.assign(Object.create(a.context.log), { warn: () => once.abort() }),
    },
    forgotten,
    once.signal,
  );
  await following;
  expect(await a.context.db.selectFrom('chain_receipt').selectAll().execute()).toEqual([]);
  await a.context.db.updateTable('chain_cursor').set({ cursor: '[]' }).execute();
  expect(await progress(a)).toBe('confirmed');
});

test('the public client does a day of netting too', async () => {
  const clientOf = ({ app, context }: NettingMember) =>
    providerClient({
      baseUrl: context.config.publicUrl,
      token: () => testStaffToken,
      fetch: (request) => app.fetch(request),
    });
  const accepted = <Value>(answer: Result<Value, string>): Value => {
    if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.detail}`);
    return answer.value;
  };
  await world.trade('DEAAA', 'DEBBB', 30_000);
  world.advance(60);
  await world.settle();
  const claimed = await b.call('POST', '/operator/claims', { as: 'op-debbb' });
  const asked = await b.call('POST', '/operator/redemptions', {
    as: 'op-debbb',
    body: { amountMicro: claimed.body.paidMicro },
  });
  const [ofA, ofB] = [clientOf(a), clientOf(b)];
  accepted(await ofB.beginRedemption(asked.body.redemptionId));
  accepted(await ofB.payRedemption(asked.body.redemptionId, 'by hand, again'));
  const round = accepted(await ofA.openRound());
  const { accounts } = accepted(await ofA.bankAccounts());
  expect(accepted(await ofA.confirmBankAccount('DEBBB', accounts[0]?.iban as string)).isConfirmed).toBe(true);
  const made = accepted(await ofA.makePaymentFile());
  expect(accepted(await ofA.paymentFile(made.messageId))).toContain(round.transfers[0]?.endToEndId);
  const [transfer] = round.transfers;
  const credit = printNotification(b.iban, [
    {
      side: 'CRDT',
      amount: printEuros(BigInt(transfer?.amountMicro as number)),
      endToEndId: transfer?.endToEndId as string,
    },
  ]);
  expect(accepted(await ofB.takeBankStatement(credit)).taken).toMatchObject([{ state: 'done' }]);
  expect(accepted(await ofA.rounds()).rounds[0]).toMatchObject({ roundId: round.roundId, state: 'closed' });
  expect(accepted(await ofA.closeRound(round.roundId)).state).toBe('closed');
  expect(accepted(await ofB.bankEntries({ state: 'done' })).entries).toHaveLength(3);
});
