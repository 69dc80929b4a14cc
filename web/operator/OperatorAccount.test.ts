import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  amountToRedeem,
  canCancel,
  isAnswer,
  parseBalance,
  parseOperatorCharges,
  parseOperatorPoints,
  parsePayoutChoice,
  parseRedemptions,
  requestOf,
  tariffInWords,
} from './OperatorAccount.ts';

const balance = {
  account: '0x06bb91',
  currency: 'EUR',
  waitingMicro: 1,
  refusedMicro: 2,
  earnedMicro: 3,
  claimableMicro: 4,
  tokensMicro: 5,
  redeemingMicro: 6,
  redeemedMicro: 7,
  ownMicro: 8,
};

describe('what the provider says of an operator’s account', () => {
  test('is read to the millionth, and tokens are unknown where the chain is away', () => {
    expect(parseBalance(balance)).toEqual(balance);
    const { tokensMicro: _, ...without } = balance;
    expect(parseBalance(without)).toEqual(without);
    expect(parseBalance({ ...balance, tokensMicro: null })).toEqual(without);
    expect(parseBalance({ ...balance, account: undefined })).toBeUndefined();
  });

  test('amounts that are none count as nothing, not as something', () => {
    for (const nonsense of ['5', 0.5, Number.NaN, 2 ** 60, {}])
      expect(parseBalance({ ...balance, claimableMicro: nonsense })?.claimableMicro).toBe(0);
  });

  test('tariffs are told in the reader’s language, and as they came where they cannot be read', () => {
    const ocpiTariff = {
      country_code: 'DE',
      party_id: 'BBB',
      id: 'garage',
      currency: 'EUR',
      elements: [{ price_components: [{ type: 'ENERGY', price: 0.39, vat: 19, step_size: 1 }] }],
      last_updated: '2026-05-01T00:00:00Z',
    };
    const tariffLines = [{ text: '0.4641 €/kWh incl. 19 % VAT' }];
    const read = parseOperatorPoints({
      points: [
        { evseId: 'DEBBBE1', ocpiTariff, tariffLines },
        { evseId: 'DEBBBE2', ocpiTariff: { ...ocpiTariff, elements: 7 }, tariffLines },
        { evseId: 'DEBBBE3', ocpiTariff: null, tariffLines: [] },
      ],
    });
    expect(read.map((point) => [tariffInWords(point, 'de'), tariffInWords(point, 'en')])).toEqual([
      ['0,4641 €/kWh inkl. 19 % USt.', '0.4641 €/kWh incl. 19 % VAT'],
      ['0.4641 €/kWh incl. 19 % VAT', '0.4641 €/kWh incl. 19 % VAT'],
      ['', ''],
    ]);
  });

  test('points have their tariff in words, charges and payments their state', () => {
    const lines = [{ text: '0.46 €/kWh' }, { text: '' }, 7, { text: '0.05 €/min' }];
    const point = { evseId: 'DEBBBE1', address: 'Hof 3', city: 'Berlin', live: 1, tariffLines: lines };
    expect(parseOperatorPoints({ points: [point, null, 'x'] })).toEqual([
      {
        evseId: 'DEBBBE1',
        name: 'DEBBBE1',
        address: 'Hof 3, Berlin',
        live: false,
        tariffText: '0.46 €/kWh · 0.05 €/min',
      },
    ]);
    const charge = {
      cdrId: '0x1',
      chargeMicro: 9,
      state: 'refused',
      refusal: 'bad-cdr-signature',
      refusalDetail: 'signed by another key',
    };
    expect(parseOperatorCharges({ charges: [charge] })).toMatchObject([{ ...charge, currency: 'EUR' }]);
    expect(
      parseOperatorCharges({ charges: [{ ...charge, refusal: null, refusalDetail: null }] })[0],
    ).not.toHaveProperty('refusal');
    const asked = { provider: 'DEBBB', dueAt: 1_790_000_000 };
    const redemption = {
      redemptionId: 'r1',
      amountMicro: 5,
      state: 'paid',
      bankReference: 'SEPA 7',
      ...asked,
    };
    expect(parseRedemptions({ redemptions: [redemption] })).toMatchObject([redemption]);
  });

  test('where the operator is paid is read, and what does not say so is none', () => {
    const choice = { account: '0x06bb91', accountKept: true, pointsToRenew: ['DEBBBE1', 7] };
    expect(parsePayoutChoice({ ...choice, bankAccount: { ibanEnd: '4300' } })).toEqual({
      account: '0x06bb91',
      accountKept: true,
      pointsToRenew: ['DEBBBE1'],
      ibanEnd: '4300',
    });
    expect(parsePayoutChoice({ ...choice, bankAccount: null })).not.toHaveProperty('ibanEnd');
    expect(parsePayoutChoice({ accountKept: true })).toBeUndefined();
  });

  test('an open or overdue redemption may be taken back', () => {
    const states = ['requesting', 'open', 'overdue', 'paying', 'paid', 'cancelled', 'refused'];
    const able = states.filter((state) =>
      canCancel({ redemptionId: 'r', amountMicro: 1, requestedAt: 0, state }),
    );
    expect(able).toEqual(['open', 'overdue']);
  });

  test('nothing that is sent breaks the reading', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        for (const json of [anything, { points: anything, charges: anything, redemptions: anything }]) {
          parseBalance(json);
          parsePayoutChoice(json);
          expect(Array.isArray(parseOperatorPoints(json))).toBe(true);
          expect(Array.isArray(parseOperatorCharges(json))).toBe(true);
          expect(Array.isArray(parseRedemptions(json))).toBe(true);
        }
      }),
    );
  });
});

describe('the amount to be redeemed', () => {
  test('untouched, is all there is to the last millionth, written as the language does', () => {
    expect(amountToRedeem(undefined, 12_345_678, 'de')).toEqual({
      text: '12,345678',
      amountMicro: 12_345_678,
      canRedeem: true,
    });
    expect(amountToRedeem(undefined, 12_345_678, 'en').text).toBe('12.345678');
    expect(amountToRedeem(undefined, 0, 'en')).toEqual({ text: '0', amountMicro: 0, canRedeem: false });
  });

  test('typed, is read with comma or point', () => {
    expect(amountToRedeem('3,5', 10_000_000, 'en')).toMatchObject({
      amountMicro: 3_500_000,
      canRedeem: true,
    });
    expect(amountToRedeem('10', 10_000_000, 'de')).toMatchObject({
      amountMicro: 10_000_000,
      canRedeem: true,
    });
  });

  test.each(['', 'all', '-1', '1e3', '10.001', '99', '1.2.3'])(
    'that reads “%s” of ten is not asked for',
    (typed) => {
      expect(amountToRedeem(typed, 10_000_000, 'en')).toEqual({ text: typed, canRedeem: false });
    },
  );

  test('is never more than there is', () => {
    fc.assert(
      fc.property(
        fc.option(fc.stringMatching(/^\d{1,4}[.,]?\d{0,3}$/), { nil: undefined }),
        fc.nat(5_000_000_000),
        (typed, tokensMicro) => {
          const { amountMicro = 0, canRedeem } = amountToRedeem(typed, tokensMicro, 'de');
          expect(amountMicro).toBeLessThanOrEqual(tokensMicro);
          expect(canRedeem).toBe(amountMicro > 0);
        },
      ),
    );
  });

  test('is asked for under one id until it is answered, and under another for another amount or provider', () => {
    let count = 0;
    const newId = () => {
      count += 1;
      return `id-${count}`;
    };
    const of = (amountMicro: number, provider = 'DEBBB') => ({ amountMicro, provider });
    const first = requestOf(undefined, of(5), newId);
    expect(requestOf(first, of(5), newId)).toBe(first);
    expect(requestOf(first, of(6), newId)).toEqual({ ...of(6), requestId: 'id-2' });
    expect(requestOf(first, of(5, 'DECCC'), newId)).toEqual({ ...of(5, 'DECCC'), requestId: 'id-3' });
    expect(requestOf(undefined, of(5), newId)).toEqual({ ...of(5), requestId: 'id-4' });
    const refusals = ['provider-unreachable', 'malformed-answer', 'tokens-too-few'];
    expect(refusals.filter(isAnswer)).toEqual(['tokens-too-few']);
  });
});
