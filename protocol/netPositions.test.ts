import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centMicro, type NettingTransfer, netPositions, type Position } from './netPositions.ts';

const euro = 1_000_000n;
const of = (positions: Readonly<Record<string, bigint>>): readonly Position[] =>
  Object.entries(positions).map(([providerId, positionMicro]) => ({ providerId, positionMicro }));

/** Positions after all transfers are confirmed. */
function afterwards(positions: readonly Position[], transfers: readonly NettingTransfer[]) {
  const rest = new Map(positions.map(({ providerId, positionMicro }) => [providerId, positionMicro]));
  const add = (id: string, amountMicro: bigint) => rest.set(id, (rest.get(id) as bigint) + amountMicro);
  for (const { payer, receiver, amountMicro } of transfers) {
    add(payer, -amountMicro);
    add(receiver, amountMicro);
  }
  return of(Object.fromEntries(rest));
}

const ids = fc.uniqueArray(
  fc
    .tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 999 }))
    .map(([letter, number]) => `${String.fromCharCode(65 + letter)}E${String(number).padStart(3, '0')}`),
  { minLength: 1, maxLength: 40 },
);
const amount = fc.oneof(
  fc.bigInt({ min: -20_000n, max: 20_000n }),
  fc.bigInt({ min: -500n, max: 500n }).map((cents) => cents * centMicro),
  fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
);
/** Any positions that a token can have: the first takes what is missing to a supply of nothing or more. */
const anyPositions = fc
  .tuple(
    ids,
    fc.array(amount, { minLength: 40, maxLength: 40 }),
    fc.constantFrom(0n, 0n, 1n, 9_999n, 123_456_789n),
  )
  .map(([names, amounts, supplyMicro]) => {
    const rest = names
      .slice(1)
      .map((providerId, at) => ({ providerId, positionMicro: amounts[at] as bigint }));
    const sum = rest.reduce((total, { positionMicro }) => total + positionMicro, 0n);
    return [{ providerId: names[0] as string, positionMicro: supplyMicro - sum }, ...rest];
  });

describe('a round of netting', () => {
  test('a ring of debts vanishes, a chain of them becomes one transfer', () => {
    expect(netPositions(of({ DEAAA: 0n, DEBBB: 0n, DECCC: 0n }))).toEqual([]);
    expect(netPositions(of({ DEAAA: 5n * euro, DEBBB: 0n, DECCC: -5n * euro }))).toEqual([
      { payer: 'DEAAA', receiver: 'DECCC', amountMicro: 5n * euro },
    ]);
  });

  test('equal amounts meet; the rest goes from the greatest to the greatest', () => {
    expect(
      netPositions(
        of({
          DEAAA: 70n * euro,
          DEBBB: 30n * euro,
          DECCC: -30n * euro,
          DEDDD: -50n * euro,
          DEEEE: -20n * euro,
        }),
      ),
    ).toEqual([
      { payer: 'DEAAA', receiver: 'DEDDD', amountMicro: 50n * euro },
      { payer: 'DEBBB', receiver: 'DECCC', amountMicro: 30n * euro },
      { payer: 'DEAAA', receiver: 'DEEEE', amountMicro: 20n * euro },
    ]);
  });

  test('while tokens are out, debtors pay in proportion, and creditors are paid in full', () => {
    // 100 tokens are out: 300 are owed, 200 are to be paid.
    expect(netPositions(of({ DEAAA: 200n * euro, DEBBB: 100n * euro, DECCC: -200n * euro }))).toEqual(
      [
        { payer: 'DEAAA', receiver: 'DECCC', amountMicro: 133_330_000n },
        { payer: 'DEBBB', receiver: 'DECCC', amountMicro: 66_670_000n },
      ].toSorted((one, other) => (one.amountMicro > other.amountMicro ? -1 : 1)),
    );
  });

  test('parts of a cent stay where they are', () => {
    expect(netPositions(of({ DEAAA: 19_999n, DEBBB: -19_999n }))).toEqual([
      { payer: 'DEAAA', receiver: 'DEBBB', amountMicro: 10_000n },
    ]);
    expect(netPositions(of({ DEAAA: 9_999n, DEBBB: -9_999n }))).toEqual([]);
    // Two debtors keep back half a cent each: the creditor waits for one cent.
    expect(netPositions(of({ DEAAA: 15_000n, DEBBB: 5_000n, DECCC: -20_000n }))).toEqual([
      { payer: 'DEAAA', receiver: 'DECCC', amountMicro: 10_000n },
    ]);
  });

  test('what no token contract has stops the caller', () => {
    expect(() => netPositions(of({ DEAAA: -1n }))).toThrow('less than nothing');
    const twice = { providerId: 'DEAAA', positionMicro: 1n };
    expect(() => netPositions([twice, twice])).toThrow('two positions');
  });
});

describe('any round of netting', () => {
  test('has fewer transfers than providers with a position, in whole cents, from who owes to who is owed', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        const transfers = netPositions(positions);
        const holding = positions.filter(({ positionMicro }) => positionMicro !== 0n);
        expect(transfers.length).toBeLessThanOrEqual(Math.max(holding.length - 1, 0));
        const signOf = new Map(
          positions.map(({ providerId, positionMicro }) => [providerId, positionMicro > 0n]),
        );
        for (const { payer, receiver, amountMicro } of transfers) {
          expect(amountMicro > 0n && amountMicro % centMicro === 0n).toBe(true);
          expect([signOf.get(payer), signOf.get(receiver)]).toEqual([true, false]);
        }
        const pairs = transfers.map(({ payer, receiver }) => `${payer} ${receiver}`);
        expect(new Set(pairs).size).toBe(pairs.length);
      }),
    );
  });

  test('nobody pays more than it owes or gets more than it is owed; who is owed keeps parts of cents only', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        const rest = afterwards(positions, netPositions(positions));
        const before = new Map(positions.map(({ providerId, positionMicro }) => [providerId, positionMicro]));
        const debtors = positions.filter(({ positionMicro }) => positionMicro > 0n).length;
        let keptMicro = 0n;
        for (const { providerId, positionMicro } of rest) {
          const was = before.get(providerId) as bigint;
          expect(was > 0n ? positionMicro >= 0n && positionMicro <= was : positionMicro <= 0n).toBe(true);
          if (was < 0n) keptMicro += (-positionMicro / centMicro) * centMicro;
        }
        // Whole cents are kept from creditors only where debtors hold them in parts of less than one each.
        expect(keptMicro < BigInt(debtors) * centMicro || keptMicro === 0n).toBe(true);
        const sum = (all: readonly Position[]) =>
          all.reduce((total, { positionMicro }) => total + positionMicro, 0n);
        expect(sum(rest)).toBe(sum(positions));
      }),
    );
  });

  test('debtors pay in proportion to what they owe, to the cent', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        const transfers = netPositions(positions);
        const debtors = positions.filter(({ positionMicro }) => positionMicro >= centMicro);
        const capSum = debtors.reduce((sum, { positionMicro }) => sum + positionMicro / centMicro, 0n);
        const total = transfers.reduce((sum, { amountMicro }) => sum + amountMicro / centMicro, 0n);
        for (const { providerId, positionMicro } of debtors) {
          const paid = transfers
            .filter(({ payer }) => payer === providerId)
            .reduce((sum, { amountMicro }) => sum + amountMicro / centMicro, 0n);
          const fairTimesCap = (positionMicro / centMicro) * total;
          expect(paid * capSum > fairTimesCap - capSum && paid * capSum < fairTimesCap + capSum).toBe(true);
        }
      }),
    );
  });

  test('is the same whatever the order of the positions', () => {
    fc.assert(
      fc.property(
        anyPositions.chain((positions) =>
          fc.tuple(
            fc.constant(positions),
            fc.shuffledSubarray(positions, { minLength: positions.length, maxLength: positions.length }),
          ),
        ),
        ([positions, shuffled]) => {
          expect(netPositions(shuffled)).toEqual(netPositions(positions));
        },
      ),
    );
  });

  test('leaves nothing for a second one', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        expect(netPositions(afterwards(positions, netPositions(positions)))).toEqual([]);
      }),
    );
  });
});
