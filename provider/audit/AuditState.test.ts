import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '@p2p-power/chain/Deployment';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuditState, openState, parseState, printState, readState, writeState } from './AuditState.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-state-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const deployment = {
  consortium: address('1'),
  chargeToken: address('2'),
  clearing: address('3'),
  forcedClaims: address('4'),
} as Deployment;
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => fromBytes(value));
const micro = fc.bigInt({ min: 0n, max: 2n ** 128n });

const stateArbitrary = fc
  .record({
    balances: fc.array(fc.tuple(hex(20), micro)),
    payouts: fc.array(fc.tuple(hex(32), fc.array(fc.tuple(hex(20), micro)))),
    references: fc.array(fc.tuple(hex(32), hex(32))),
    entries: fc.array(fc.tuple(fc.string(), fc.nat())),
    cursor: fc.option(fc.array(fc.record({ blockNumber: fc.nat(), blockHash: hex(32) }))),
    done: fc.option(fc.record({ blockNumber: fc.nat(), blockHash: hex(32), logIndex: fc.nat() })),
    charges: fc.nat(),
    detail: fc.string(),
  })
  .map((drawn): AuditState => {
    const state = openState(deployment, 'subject');
    for (const [account, amount] of drawn.balances) state.ledger.balances.set(account, amount);
    for (const [member, reference] of drawn.references)
      state.ledger.bankReferences.add(`${member} ${reference}`);
    for (const [channel, payouts] of drawn.payouts) state.payouts.set(channel, new Map(payouts));
    for (const [kind, count] of drawn.entries) state.entries.set(kind, count);
    state.cursor = drawn.cursor;
    state.done = drawn.done;
    state.counts.charges = drawn.charges;
    state.findings = { kept: [{ name: 'batch-missing', detail: drawn.detail }], count: 1 };
    return state;
  });

test('a state is read back as it was written', () => {
  fc.assert(
    fc.property(stateArbitrary, (state) => {
      expect(parseState(printState(state), 'subject')).toEqual({ ok: true, value: state });
    }),
    { numRuns: 60 },
  );
});

test('in a file it is whole, and one that was cut or is of another audit is refused', () => {
  const file = join(folder, 'state');
  expect(readState(file, 'subject')).toBeUndefined();
  const state = openState(deployment, 'subject');
  writeState(file, state);
  state.counts.charges = 7;
  writeState(file, state);
  expect(readdirSync(folder)).toEqual(['state']);
  expect(readState(file, 'subject')).toEqual({ ok: true, value: state });
  expect(readState(file, 'another')).toMatchObject({ refusal: 'audit-state-of-another' });
  const text = printState(state);
  for (const cut of [0, 5, 30, text.length - 10])
    expect(parseState(text.slice(0, cut), 'subject')).toMatchObject({ refusal: 'audit-state-malformed' });
});
