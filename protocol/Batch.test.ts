import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AcceptedCharge,
  type Batch,
  type BatchSource,
  batchRefusals,
  buildBatch,
  channelId,
  checkBatch,
  parseBatch,
} from './Batch.ts';
import { emptyRoot, verifyPayout, verifySettledCharge } from './MerkleTree.ts';
import { feeOf } from './PeeringFee.ts';
import { bytes32, dawn, networkId } from './testing/world.ts';

const account = (name: string) => `0x${bytes32(name).slice(2, 42)}` as const;
const chargeArbitrary = fc
  .record({
    name: fc.uuid(),
    chargeMicro: fc.nat(200_000_000),
    energyWh: fc.nat(150_000),
    operator: fc.nat(4),
    /** Of some charges the operator has a commission. */
    operatorShare: fc.option(fc.nat(100), { nil: undefined }),
  })
  .map(
    ({ name, operator, operatorShare, ...rest }): AcceptedCharge => ({
      ...rest,
      ...(operatorShare !== undefined && {
        operatorMicro: Math.floor((rest.chargeMicro * operatorShare) / 100),
      }),
      authorizationId: bytes32(`authorization ${name}`),
      cdrId: bytes32(`cdr ${name}`),
      operatorAccount: account(`operator ${operator}`),
    }),
  );
const termsArbitrary = fc.record({ feeShareBp: fc.nat(10_000), feeMicroPerKwh: fc.nat(500_000) });
const sourceArbitrary = fc
  .record({
    terms: termsArbitrary,
    charges: fc.uniqueArray(chargeArbitrary, {
      selector: ({ authorizationId }) => authorizationId,
      maxLength: 20,
    }),
    before: fc.uniqueArray(fc.nat(6), { maxLength: 4 }),
  })
  .map(
    ({ terms, charges, before }): BatchSource => ({
      networkId,
      debtor: 'DEAAA',
      creditor: 'DEBBB',
      sequence: 5,
      periodStart: dawn,
      periodEnd: dawn + 86_400,
      agreementId: bytes32('agreement'),
      terms,
      charges,
      creditorAccount: account('creditor'),
      previousPayouts: before.map((operator) => ({
        account: account(`operator ${operator}`),
        cumulativeMicro: 1_000 * operator,
      })),
    }),
  );

test('payouts and fee are the total, the fee is within the agreement, and all is proven by the roots', () => {
  fc.assert(
    fc.property(sourceArbitrary, (source) => {
      const { batch, charges, payouts, payoutsTree } = buildBatch(source);
      const sum = (amounts: readonly number[]) => amounts.reduce((one, other) => one + other, 0);
      const paidBefore = sum(source.previousPayouts.map(({ cumulativeMicro }) => cumulativeMicro));
      const paid = sum(payouts.map(({ cumulativeMicro }) => cumulativeMicro)) - paidBefore;
      expect(paid + batch.feeMicro).toBe(batch.totalMicro);
      expect(batch.totalMicro).toBe(sum(source.charges.map(({ chargeMicro }) => chargeMicro)));
      expect(batch.energyWh).toBe(sum(source.charges.map(({ energyWh }) => energyWh)));
      expect(batch.count).toBe(source.charges.length);
      // The contract's own bound (Clearing): the sum of rounded fees never passes the rounded sum.
      const { feeShareBp, feeMicroPerKwh } = source.terms;
      const bound =
        (BigInt(batch.totalMicro) * BigInt(feeShareBp)) / 10_000n +
        (BigInt(batch.energyWh) * BigInt(feeMicroPerKwh)) / 1_000n;
      expect(BigInt(batch.feeMicro) <= bound).toBe(true);
      for (const [index, charge] of source.charges.entries())
        expect(verifySettledCharge(networkId, batch.cdrRoot, charge, charges.proof(index))).toBe(true);
      for (const [index, payout] of payouts.entries())
        expect(
          verifyPayout(channelId('DEAAA', 'DEBBB'), batch.payoutsRoot, payout, payoutsTree.proof(index)),
        ).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('an operator with a commission is paid that, less only where the fee leaves less; the rest is the creditor’s', () => {
  fc.assert(
    fc.property(sourceArbitrary, (source) => {
      const { payouts, fees } = buildBatch(source);
      const expected = new Map<string, number>(
        source.previousPayouts.map((payout) => [payout.account, payout.cumulativeMicro]),
      );
      const add = (to: string, micro: number) => expected.set(to, (expected.get(to) ?? 0) + micro);
      for (const [index, charge] of source.charges.entries()) {
        const left = charge.chargeMicro - Number(fees[index]);
        const operators = Math.min(left, charge.operatorMicro ?? left);
        add(charge.operatorAccount, operators);
        if (left > operators) add(account('creditor'), left - operators);
      }
      expect(new Map(payouts.map((payout) => [payout.account, payout.cumulativeMicro]))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
  const charge = { operatorMicro: 1, chargeMicro: 5, energyWh: 0, operatorAccount: account('operator 1') };
  const ids = { authorizationId: bytes32('a'), cdrId: bytes32('c') };
  const { creditorAccount: _, ...source } = fc.sample(sourceArbitrary, {
    seed: 1,
    numRuns: 1,
  })[0] as BatchSource;
  expect(() =>
    buildBatch({ ...source, terms: { feeShareBp: 0, feeMicroPerKwh: 0 }, charges: [{ ...charge, ...ids }] }),
  ).toThrow('no creditor’s account');
});

test('the order of the charges does not matter, and nobody’s cumulative payout ever falls', () => {
  fc.assert(
    fc.property(sourceArbitrary, (source) => {
      const built = buildBatch(source);
      const reversed = buildBatch({
        ...source,
        charges: [...source.charges].reverse(),
        previousPayouts: [...source.previousPayouts].reverse(),
      });
      expect(reversed.batch).toEqual(built.batch);
      for (const before of source.previousPayouts) {
        const after = built.payouts.find((payout) => payout.account === before.account);
        expect(after?.cumulativeMicro).toBeGreaterThanOrEqual(before.cumulativeMicro);
      }
      expect(parseBatch(JSON.parse(JSON.stringify(built.batch)))).toEqual({ ok: true, value: built.batch });
    }),
    { numRuns: 50 },
  );
});

test('the fee is rounded down for each part and never more than the charge', () => {
  const terms = { feeShareBp: 250, feeMicroPerKwh: 10_000 };
  expect(feeOf({ chargeMicro: 1_000_000, energyWh: 3_000 }, terms)).toBe(55_000n);
  expect(feeOf({ chargeMicro: 39, energyWh: 0 }, terms)).toBe(0n);
  expect(feeOf({ chargeMicro: 40, energyWh: 99 }, terms)).toBe(40n);
  expect(feeOf({ chargeMicro: 100, energyWh: 100_000 }, terms)).toBe(100n);
  expect(
    feeOf({ chargeMicro: Number.MAX_SAFE_INTEGER, energyWh: 0 }, { feeShareBp: 10_000, feeMicroPerKwh: 0 }),
  ).toBe(BigInt(Number.MAX_SAFE_INTEGER));
});

describe('a proposed batch', () => {
  const [source] = fc.sample(sourceArbitrary, { numRuns: 1, seed: 7 }) as [BatchSource];
  const { batch } = buildBatch(source);
  const spoilt: readonly [keyof Batch, unknown, (typeof batchRefusals)[number]][] = [
    ['debtor', 'DECCC', 'wrong-debtor'],
    ['creditor', 'DECCC', 'wrong-creditor'],
    ['sequence', 6, 'wrong-sequence'],
    ['periodStart', dawn + 1, 'wrong-period'],
    ['periodEnd', dawn + 2, 'wrong-period'],
    ['agreementId', bytes32('other'), 'wrong-agreement'],
    ['count', batch.count + 1, 'wrong-count'],
    ['energyWh', batch.energyWh + 1, 'wrong-energy'],
    ['totalMicro', batch.totalMicro + 1, 'wrong-total'],
    ['feeMicro', batch.feeMicro + 1, 'wrong-fee'],
    ['cdrRoot', emptyRoot, 'wrong-cdr-root'],
    ['payoutsRoot', bytes32('other'), 'wrong-payouts-root'],
  ];

  test('that is right is accepted', () => {
    expect(checkBatch(batch, source)).toMatchObject({ ok: true, value: { batch } });
  });

  test.each(spoilt)('with another %s is refused', (field, value, refusal) => {
    expect(checkBatch({ ...batch, [field]: value }, source)).toMatchObject({ ok: false, refusal });
  });

  test('is refused for each reason there is, in their order', () => {
    expect([...new Set(spoilt.map(([, , refusal]) => refusal))]).toEqual(batchRefusals);
    const all = spoilt.map(([field, value]) => [field, value] as const);
    for (const [index, [, , refusal]] of spoilt.entries())
      expect(
        checkBatch({ ...batch, ...Object.fromEntries(all.slice(index)) } as Batch, source),
      ).toMatchObject({ refusal });
  });

  test('out of foreign JSON is refused for its form', () => {
    expect(parseBatch(null)).toMatchObject({ refusal: 'not-a-batch' });
    expect(parseBatch({ ...batch, more: 1 })).toMatchObject({ refusal: 'unknown-field' });
    expect(parseBatch({ ...batch, periodEnd: batch.periodStart })).toMatchObject({ refusal: 'empty-period' });
    expect(parseBatch({ ...batch, feeMicro: batch.totalMicro + 1 })).toMatchObject({
      refusal: 'fee-over-total',
    });
    for (const field of Object.keys(batch)) {
      expect(parseBatch({ ...batch, [field]: -1 })).toMatchObject({ refusal: 'bad-field' });
      expect(
        parseBatch(Object.fromEntries(Object.entries(batch).filter(([name]) => name !== field))),
      ).toMatchObject({ refusal: 'missing-field' });
    }
    fc.assert(fc.property(fc.jsonValue(), (json) => void parseBatch(json)));
  });
});

test('a charge listed twice, an account listed twice and sums past 2^53 are bugs of the caller', () => {
  const [source] = fc.sample(sourceArbitrary, { numRuns: 1, seed: 7 }) as [BatchSource];
  const [charge] = source.charges as [AcceptedCharge];
  const payout = { account: account('a'), cumulativeMicro: 1 };
  expect(() => buildBatch({ ...source, charges: [charge, charge] })).toThrow(/listed twice/);
  expect(() => buildBatch({ ...source, previousPayouts: [payout, payout] })).toThrow(/listed twice/);
  const huge = { ...charge, chargeMicro: Number.MAX_SAFE_INTEGER };
  expect(() =>
    buildBatch({ ...source, charges: [huge, { ...huge, authorizationId: bytes32('other') }] }),
  ).toThrow(/2\^53/);
});
