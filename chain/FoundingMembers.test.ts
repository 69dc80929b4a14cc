import { expect, test } from 'vitest';
import { parseFoundingMembers } from './FoundingMembers.ts';
import { encodeMemberId } from './MemberId.ts';
import { testMember } from './testing/foundTestNetwork.ts';

const entryOf = (partyId: string) => {
  const { account, url, keys, issuanceLimitMicro } = testMember(partyId);
  const [key] = keys;
  const certificateKey = `${key?.x}${key?.y.slice(2)}`;
  return {
    providerId: partyId,
    account,
    url,
    certificateKey,
    issuanceLimitMicro: String(issuanceLimitMicro),
  };
};
const [one, other] = [entryOf('DEAAA'), entryOf('DEBBB')];

test('members as the deployment wants them', () => {
  const { signer: _, ...member } = testMember('DEAAA');
  expect(parseFoundingMembers([one])).toEqual({ ok: true, value: [member] });
  const inNumbers = parseFoundingMembers([{ ...one, issuanceLimitMicro: 5_000_000 }]);
  expect(inNumbers.ok && inNumbers.value[0]?.issuanceLimitMicro).toBe(5_000_000n);
});

const malformed: readonly [string, unknown][] = [
  ['not a list of members', { one }],
  ['not a list of members', []],
  ['0.not an object', [null]],
  ['1.providerId', [one, { ...other, providerId: 'deaaa' }]],
  ['0.account', [{ ...one, account: '0x12' }]],
  ['0.account', [{ ...one, account: `0x${'0'.repeat(40)}` }]],
  ['0.url', [{ ...one, url: 'file:///etc/passwd' }]],
  ['0.url', [{ ...one, url: 'provider' }]],
  ['0.url', [{ ...one, url: `https://${'a'.repeat(200)}.example` }]],
  ['0.certificateKey', [{ ...one, certificateKey: one.certificateKey.slice(0, -2) }]],
  ['0.issuanceLimitMicro', [{ ...one, issuanceLimitMicro: 1.5 }]],
  ['0.issuanceLimitMicro', [{ ...one, issuanceLimitMicro: '-1' }]],
];

test.each(malformed)('%s', (detail, untrusted) => {
  expect(parseFoundingMembers(untrusted)).toEqual({ ok: false, refusal: 'members-malformed', detail });
});

test('nobody is a member twice, by name or by account', () => {
  expect(parseFoundingMembers([one, { ...other, providerId: 'DEAAA' }])).toMatchObject({
    refusal: 'member-twice',
    detail: encodeMemberId('DEAAA'),
  });
  const sameAccount = { ...other, account: one.account.toLowerCase() };
  expect(parseFoundingMembers([one, sameAccount])).toMatchObject({ refusal: 'member-twice' });
});
