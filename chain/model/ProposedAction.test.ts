import { encodeAbiParameters, type Hex, toHex, zeroAddress } from 'viem';
import { expect, test } from 'vitest';
import { actionKinds, candidateAbi, timeZoneAbi } from '../Consortium.ts';
import { effectsOfAction } from './ProposedAction.ts';

const token = `0x${'ab'.repeat(20)}` as const;
const other = `0x${'cd'.repeat(20)}` as const;
const account = `0x${'12'.repeat(20)}` as const;
const memberId = toHex('DEAAA', { size: 32 });
const [word, address, uint] = [{ type: 'bytes32' }, { type: 'address' }, { type: 'uint256' }] as const;

/** What each kind of action does to the token's books, and with another token in its place. */
const actions: Record<(typeof actionKinds)[number], { data: (of: Hex) => Hex; effect?: string }> = {
  admit: {
    data: () =>
      encodeAbiParameters(candidateAbi, [{ memberId, account, url: 'https://a.example', keys: [] }]),
    effect: `admit ${memberId}`,
  },
  remove: { data: () => encodeAbiParameters([word], [memberId]), effect: `remove ${memberId}` },
  suspend: { data: () => encodeAbiParameters([word], [memberId]), effect: `suspend ${memberId}` },
  reinstate: { data: () => encodeAbiParameters([word], [memberId]), effect: `reinstate ${memberId}` },
  'rotate-account': {
    data: () => encodeAbiParameters([word, address], [memberId, account]),
    effect: `rotate ${memberId} ${account}`,
  },
  'set-issuance-limit': {
    data: (of) => encodeAbiParameters([address, word, uint], [of, memberId, 5n]),
    effect: `limit ${memberId} 5`,
  },
  'close-token': { data: (of) => encodeAbiParameters([address], [of]), effect: 'close' },
  'name-successor': {
    data: (of) => encodeAbiParameters([address, address], [of, account]),
    effect: `successor ${account}`,
  },
  'set-time-zone': {
    data: (of) => {
      const rule = { from: 0n, standardOffsetS: 3_600, daylightSaving: 1 };
      return encodeAbiParameters(timeZoneAbi, [of, toHex('Europe/Berlin', { size: 32 }), rule]);
    },
  },
};

test.each(actionKinds)('%s: what it does to the books of its token, and of no other', (kind) => {
  const { data, effect } = actions[kind];
  const number = actionKinds.indexOf(kind);
  expect(effectsOfAction(number, data(token), token)).toEqual(effect === undefined ? [] : [effect]);
  const concernsOneToken = data(token) !== data(other);
  if (concernsOneToken) expect(effectsOfAction(number, data(other), token)).toEqual([]);
});

test('an action that is not known does nothing to them', () => {
  expect(effectsOfAction(actionKinds.length, '0x', zeroAddress)).toEqual([]);
});
