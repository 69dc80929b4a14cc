import { centMicro, netPositions } from '@p2p-power/protocol/netPositions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEuros, printEuros } from '../bank/Cents.ts';
import { printNotification } from '../bank/testing/printNotification.ts';
import { childAt, childrenOf, parseXml, type XmlElement } from '../bank/XmlElement.ts';
import { type NettingMember, type NettingWorld, openNettingWorld } from '../testing/nettingWorld.ts';
import { announceRounds } from './announceRounds.ts';
import type { NettingRoundAnswer, NettingTransferAnswer } from './NettingSchemas.ts';

let world: NettingWorld;
beforeAll(async () => {
  world = await openNettingWorld(['DEAAA', 'DEBBB', 'DECCC', 'DEDDD']);
});
afterAll(() => world?.close());

const asStaff = (of: NettingMember, method: string, path: string, body?: unknown) =>
  of.call(method, path, { as: 'staff', ...(body !== undefined && { body }) });
const roundOf = async (of: NettingMember): Promise<NettingRoundAnswer> =>
  (await asStaff(of, 'GET', '/admin/netting/rounds')).body.rounds[0];
const ledgerOf = async (of: NettingMember) => {
  const { body } = await asStaff(of, 'GET', '/admin/ledger');
  const balance = (kind: string) =>
    body.accounts.find((one: { kind: string }) => one.kind === kind)?.balanceMicro ?? 0;
  return { balance, positionMicro: body.positionMicro as number, totalMicro: body.totalMicro as number };
};
const positionOf = (of: NettingMember) => of.chain.positionMicro(of.providerId);
const notify = (of: NettingMember, xml: string) =>
  of.call('POST', '/admin/bank-statements', {
    as: 'staff',
    body: xml,
    headers: { 'content-type': 'application/xml' },
  });
/** A block without transactions, at the time of the one before. */
async function mineBlock(): Promise<void> {
  const { rpc } = world.chain.connect();
  const { timestamp } = await rpc.getBlock();
  await rpc.request({ method: 'anvil_setNextBlockBaseFeePerGas', params: ['0x0'] } as never);
  await rpc.request({ method: 'evm_setNextBlockTimestamp', params: [Number(timestamp)] } as never);
  await rpc.request({ method: 'evm_mine', params: [] } as never);
}
/** A file's transfers, as the bank reads them. */
function transfersOf(xml: string) {
  const parsed = parseXml(xml);
  if (!parsed.ok) throw new Error(parsed.detail);
  const info = childAt(parsed.value, 'CstmrCdtTrfInitn', 'PmtInf') as XmlElement;
  return childrenOf(info, 'CdtTrfTxInf').map((one) => ({
    endToEndId: childAt(one, 'PmtId', 'EndToEndId')?.text as string,
    amount: childAt(one, 'Amt', 'InstdAmt')?.text as string,
    iban: childAt(one, 'CdtrAcct', 'Id', 'IBAN')?.text as string,
  }));
}

describe('a netting day of four providers', () => {
  let round: NettingRoundAnswer;
  let before: Map<string, bigint>;

  test('they trade around, settle, and their operators claim and redeem a part', async () => {
    const trades = [
      ['DEAAA', 'DEBBB', 31_000],
      ['DEBBB', 'DECCC', 29_500],
      ['DECCC', 'DEDDD', 24_000],
      ['DEDDD', 'DEAAA', 12_345],
      ['DEAAA', 'DEDDD', 41_000],
      ['DEBBB', 'DEDDD', 17_777],
    ] as const;
    let total = 0;
    for (const [debtor, creditor, energyWh] of trades) total += await world.trade(debtor, creditor, energyWh);
    await world.settle();
    let supply = 0n;
    for (const member of world.members) supply += await positionOf(member);
    expect(supply).toBe(BigInt(total));

    for (const member of world.members) {
      const operator = `op-${member.providerId.toLowerCase()}`;
      const claimed = await member.call('POST', '/operator/claims', { as: operator });
      // All of it, but for Berta's: her tokens stay out.
      const amountMicro = member.providerId === 'DEBBB' ? 5_000_000 : claimed.body.paidMicro;
      const put = await member.call('PUT', '/operator/bank-account', {
        as: operator,
        body: { name: `Operator ${member.providerId}`, iban: 'NL91 ABNA 0417 1643 00' },
      });
      expect(put.body).toEqual({ ibanEnd: '4300', changedAt: world.clock.nowS() });
      const asked = await member.call('POST', '/operator/redemptions', {
        as: operator,
        body: { amountMicro },
      });
      expect(asked.body.state).toBe('open');
      await asStaff(member, 'POST', `/admin/redemptions/${asked.body.redemptionId}/begin`, {});
    }
  });

  test('redemptions go to the bank in a file; what the bank debits is paid, and rounding is ours', async () => {
    for (const member of world.members) {
      const made = await asStaff(member, 'POST', '/admin/payment-files', {});
      expect(made.body).toMatchObject({ count: 1, omitted: [] });
      const again = await asStaff(member, 'POST', '/admin/payment-files', {});
      expect(again.body.refusal).toBe('nothing-to-pay');
      const file = await asStaff(member, 'GET', `/admin/payment-files/${made.body.messageId}`);
      const [transfer] = transfersOf(file.body);
      expect(transfer?.iban).toBe('NL91ABNA0417164300');
      const { body: list } = await asStaff(member, 'GET', '/admin/redemptions');
      const [redemption] = list.redemptions;
      const beyondMicro = Number(parseEuros(transfer?.amount as string)) - redemption.amountMicro;
      expect(beyondMicro >= 0 && beyondMicro < 10_000).toBe(true);

      const xml = printNotification(member.iban, [
        { side: 'DBIT', amount: transfer?.amount as string, endToEndId: transfer?.endToEndId as string },
      ]);
      expect((await notify(member, xml)).body).toMatchObject({ known: 0, taken: [{ state: 'done' }] });
      const { body } = await asStaff(member, 'GET', '/admin/redemptions');
      expect(body.redemptions[0]).toMatchObject({ state: 'paid', bankReference: transfer?.endToEndId });
      const ledger = await ledgerOf(member);
      expect(ledger.balance('bank')).toBe(-redemption.amountMicro - beyondMicro);
      expect(ledger.balance('rounding')).toBe(beyondMicro);
      expect(ledger.balance('chain-position')).toBe(-ledger.positionMicro);
      expect(ledger.totalMicro).toBe(0);
    }
  });

  test('one opens a round, all have the same, and each sees its own transfers', async () => {
    before = new Map();
    for (const member of world.members) before.set(member.providerId, await positionOf(member));
    const [a] = world.members as [NettingMember];
    const opened = await asStaff(a, 'POST', '/admin/netting/rounds', {});
    expect(opened.status).toBe(200);
    round = await roundOf(a);
    expect(round).toMatchObject({
      state: 'open',
      openedBy: 'staff',
      announcedTo: ['DEBBB', 'DECCC', 'DEDDD'],
    });
    const positions = [...before].map(([providerId, positionMicro]) => ({ providerId, positionMicro }));
    const plain = ({ payer, receiver, amountMicro }: NettingTransferAnswer) => ({
      payer,
      receiver,
      amountMicro,
    });
    expect(round.transfers.map(plain)).toEqual(
      netPositions(positions).map((one) => ({ ...one, amountMicro: Number(one.amountMicro) })),
    );
    expect(round.transfers.length).toBeGreaterThan(0);
    expect(round.transfers.length).toBeLessThan(world.members.length);
    for (const member of world.members) {
      const theirs = await roundOf(member);
      expect(theirs.roundId).toBe(round.roundId);
      expect(theirs.positions).toEqual(round.positions);
      expect(theirs.transfers.map(plain)).toEqual(round.transfers.map(plain));
      for (const { payer, receiver, ours, endToEndId } of theirs.transfers) {
        const expected =
          payer === member.providerId ? 'to-pay' : receiver === member.providerId ? 'to-receive' : null;
        expect(ours).toBe(expected);
        expect(endToEndId.length).toBeLessThanOrEqual(35);
      }
    }
    const same = await asStaff(a, 'POST', '/admin/netting/rounds', { blockNumber: round.blockNumber });
    expect(same.body.roundId).toBe(round.roundId);
    const early = await asStaff(a, 'POST', '/admin/netting/rounds', { blockNumber: round.blockNumber - 1 });
    expect(early.body.refusal).toBe('round-outdated');
    const unmade = await asStaff(a, 'POST', '/admin/netting/rounds', { blockNumber: round.blockNumber + 99 });
    expect(unmade.body.refusal).toBe('block-unknown');
  });

  test('nothing is paid to an account that the staff has not confirmed', async () => {
    const payer = world.member(round.transfers[0]?.payer as string);
    const receiver = world.member(round.transfers[0]?.receiver as string);
    const refused = await asStaff(payer, 'POST', '/admin/payment-files', {});
    expect(refused.body).toMatchObject({ refusal: 'nothing-to-pay' });
    expect(refused.body.detail).toContain('bank-account-unconfirmed');
    const { body } = await asStaff(payer, 'GET', '/admin/bank-accounts');
    expect(body.accounts).toHaveLength(3);
    const path = `/admin/bank-accounts/${receiver.providerId}/confirm`;
    expect((await asStaff(payer, 'POST', path, { iban: payer.iban })).body.refusal).toBe(
      'bank-account-differs',
    );
    expect((await asStaff(payer, 'POST', path, { iban: 'DE1' })).body.refusal).toBe('iban-invalid');
    expect((await asStaff(payer, 'POST', path, { iban: receiver.iban })).body.isConfirmed).toBe(true);
  });

  test('payers pay by file, receivers confirm by the bank’s word, and positions are as predicted', async () => {
    const payments: { from: NettingMember; endToEndId: string; amount: string; iban: string }[] = [];
    for (const payer of world.members) {
      const mine = round.transfers.filter((one) => one.payer === payer.providerId);
      if (mine.length === 0) continue;
      await asStaff(payer, 'GET', '/admin/bank-accounts');
      for (const { receiver } of mine)
        await asStaff(payer, 'POST', `/admin/bank-accounts/${receiver}/confirm`, {
          iban: world.member(receiver).iban,
        });
      const made = await asStaff(payer, 'POST', '/admin/payment-files', { executionDate: '2026-06-02' });
      expect(made.body).toMatchObject({ count: mine.length, omitted: [], executionDate: '2026-06-02' });
      const { body: xml } = await asStaff(payer, 'GET', `/admin/payment-files/${made.body.messageId}`);
      const written = transfersOf(xml);
      expect(written).toEqual(
        mine.map((one) => ({
          endToEndId: one.endToEndId,
          amount: printEuros(BigInt(one.amountMicro)),
          iban: world.member(one.receiver).iban,
        })),
      );
      payments.push(...written.map((one) => ({ from: payer, ...one })));
    }
    const [first] = payments as [(typeof payments)[0]];
    // On its way: neither another round nor giving up this one.
    await mineBlock();
    expect((await asStaff(first.from, 'POST', '/admin/netting/rounds', {})).body.refusal).toBe('round-open');
    const close = `/admin/netting/rounds/${round.roundId}/close`;
    expect((await asStaff(first.from, 'POST', close)).body.refusal).toBe('transfer-under-way');

    for (const { from, endToEndId, amount, iban } of payments) {
      const receiver = world.members.find((one) => one.iban === iban) as NettingMember;
      const debit = printNotification(from.iban, [{ side: 'DBIT', amount, endToEndId }], `D-${endToEndId}`);
      await notify(from, debit);
      const progress = async () =>
        (await roundOf(from)).transfers.find((one) => one.endToEndId === endToEndId)?.progress;
      expect(await progress()).toBe('debited');

      const wrong = `${BigInt(amount.replace('.', '')) - 1n}`.replace(/(..)$/, '.$1');
      const credit = printNotification(
        receiver.iban,
        [
          { side: 'CRDT', amount, endToEndId, status: 'PDNG' },
          { side: 'CRDT', amount: wrong, endToEndId },
          { side: 'CRDT', amount, endToEndId, currency: 'CHF' },
          { side: 'CRDT', amount, endToEndId: `${endToEndId}0` },
          { side: 'CRDT', amount },
          { side: 'DBIT', amount, endToEndId },
          { side: 'CRDT', amount, endToEndId, reversal: true },
        ],
        `W-${endToEndId.slice(2)}`,
      );
      const { body: nothing } = await notify(receiver, credit);
      expect(nothing.notBooked).toBe(1);
      expect(nothing.taken.map((one: { refusal: string }) => one.refusal)).toEqual([
        'wrong-amount',
        'wrong-currency',
        'reference-unknown',
        'reference-missing',
        'reference-unknown',
        'reversal',
      ]);
      expect(await progress()).toBe('debited');

      const right = printNotification(receiver.iban, [{ side: 'CRDT', amount, endToEndId }], 'C-1');
      expect((await notify(receiver, right)).body).toMatchObject({ known: 0, taken: [{ state: 'done' }] });
      expect((await notify(receiver, right)).body).toMatchObject({ known: 1, taken: [] });
      expect(await progress()).toBe('confirmed');
    }

    let supply = 0n;
    for (const member of world.members) {
      const was = before.get(member.providerId) as bigint;
      const moved = round.transfers.reduce(
        (sum, one) =>
          sum +
          (one.receiver === member.providerId ? BigInt(one.amountMicro) : 0n) -
          (one.payer === member.providerId ? BigInt(one.amountMicro) : 0n),
        0n,
      );
      const now = await positionOf(member);
      expect(now).toBe(was + moved);
      if (was < 0n) expect(-now < centMicro).toBe(true);
      supply += now;
      const ledger = await ledgerOf(member);
      expect(ledger.balance('chain-position')).toBe(-ledger.positionMicro);
      expect((await roundOf(member)).state).toBe('closed');
    }
    let was = 0n;
    for (const position of before.values()) was += position;
    expect(supply).toBe(was);
  });

  test('a second round has nothing to do', async () => {
    const [a] = world.members as [NettingMember];
    expect((await asStaff(a, 'POST', '/admin/netting/rounds', {})).body.refusal).toBe('nothing-to-net');
    expect((await asStaff(a, 'POST', '/admin/payment-files', {})).body.refusal).toBe('nothing-to-pay');
  });

  test('what a later trade moves: a round nobody pays is replaced; one that is outdated is not paid', async () => {
    await world.trade('DEAAA', 'DECCC', 20_000);
    world.advance(60);
    await world.settle();
    const c = world.member('DECCC');
    await c.call('POST', '/operator/claims', { as: 'op-deccc' });
    const { body } = await c.call('POST', '/operator/redemptions', {
      as: 'op-deccc',
      body: { amountMicro: 6_000_000 },
    });
    await asStaff(c, 'POST', `/admin/redemptions/${body.redemptionId}/begin`, {});
    await asStaff(c, 'POST', `/admin/redemptions/${body.redemptionId}/paid`, { bankReference: 'by hand' });
    const [a] = world.members as [NettingMember];
    const first = (await asStaff(a, 'POST', '/admin/netting/rounds', {})).body as NettingRoundAnswer;
    expect(first.state).toBe('open');
    const [leg] = first.transfers as [NettingTransferAnswer];
    const payer = world.member(leg.payer);
    // The receiver has got its money by another way meanwhile.
    const receiver = world.member(leg.receiver);
    const confirmed = await receiver.call('POST', '/admin/receipts', {
      as: 'staff',
      body: { payer: leg.payer, amountMicro: leg.amountMicro, bankReference: 'paid twice?' },
    });
    expect(confirmed.status).toBe(200);
    await asStaff(payer, 'GET', '/admin/bank-accounts');
    await asStaff(payer, 'POST', `/admin/bank-accounts/${leg.receiver}/confirm`, { iban: receiver.iban });
    const refused = await asStaff(payer, 'POST', '/admin/payment-files', {});
    expect(refused.body.detail).toBe(`${leg.endToEndId} no-longer-owed`);

    await world.trade('DEBBB', 'DECCC', 9_000);
    world.advance(60);
    await world.settle();
    // Another member's staff would have a new round at once; the others keep the one they have for an hour.
    const d = world.member('DEDDD');
    await asStaff(d, 'POST', '/admin/netting/rounds', {});
    expect((await roundOf(d)).announcedTo).toEqual([]);
    expect((await roundOf(a)).roundId).toBe(first.roundId);
    world.advance(3_600);
    await c.call('POST', '/operator/claims', { as: 'op-deccc' });
    const { body: more } = await c.call('POST', '/operator/redemptions', {
      as: 'op-deccc',
      body: { amountMicro: 3_000_000 },
    });
    await asStaff(c, 'POST', `/admin/redemptions/${more.redemptionId}/begin`, {});
    await asStaff(c, 'POST', `/admin/redemptions/${more.redemptionId}/paid`, { bankReference: 'by hand 2' });
    const second = (await asStaff(a, 'POST', '/admin/netting/rounds', {})).body as NettingRoundAnswer;
    expect(second.roundId).not.toBe(first.roundId);
    for (const member of world.members) {
      const { body: all } = await asStaff(member, 'GET', '/admin/netting/rounds');
      expect(all.rounds.map((one: NettingRoundAnswer) => one.state).slice(0, 2)).toEqual([
        'open',
        'replaced',
      ]);
    }
    const closed = await asStaff(a, 'POST', `/admin/netting/rounds/${second.roundId}/close`);
    expect(closed.body.state).toBe('closed');
  });

  test('peers alone may announce; staff alone may open, and a member that was away is told later', async () => {
    const [a, b] = world.members as [NettingMember, NettingMember];
    const body = { blockNumber: 1, blockHash: `0x${'00'.repeat(32)}` };
    expect((await a.call('POST', '/peer/netting/rounds', { body })).status).toBe(401);
    expect((await a.call('GET', '/peer/bank-account')).status).toBe(401);
    expect((await a.call('POST', '/admin/netting/rounds', { body: {}, as: 'op-deaaa' })).status).toBe(401);
    world.advance(3_600);
    await mineBlock();
    await asStaff(b, 'POST', '/admin/netting/rounds', {});
    const round = await roundOf(b);
    await b.context.db.updateTable('netting_round').set({ announced: [] }).execute();
    await announceRounds(b.context);
    expect((await roundOf(b)).announcedTo).toEqual(['DEAAA', 'DECCC', 'DEDDD']);
    expect((await roundOf(a)).roundId).toBe(round.roundId);
  });
});
