import { keccak256, toHex, zeroHash } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPosition } from './ChargeToken.ts';
import {
  addKey,
  type ConsortiumAction,
  executeProposal,
  memberOf,
  proposeAction,
  readMember,
  readMembers,
  readProposal,
  retireKey,
  setUrl,
  voteFor,
} from './Consortium.ts';
import { encodeMemberId } from './MemberId.ts';
import {
  foundTestNetwork,
  type TestNetwork,
  testAccount,
  testKey,
  testMember,
} from './testing/foundTestNetwork.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

const salt = (text: string) => keccak256(toHex(text));

async function decide(action: ConsortiumAction, text: string) {
  const { client, members } = network;
  const proposed = await proposeAction(client, members[0].signer, action, salt(text));
  if (!proposed.ok) return proposed;
  const voted = await voteFor(client, members[1].signer, proposed.value.proposalId);
  if (!voted.ok) return voted;
  return executeProposal(client, testAccount('anyone'), proposed.value.proposalId);
}

test('a founding member is read as it was founded', async () => {
  const { client, members } = network;
  const [a] = members;
  expect(await readMember(client, a.memberId)).toEqual({
    memberId: a.memberId,
    partyId: 'DEAAA',
    account: a.account,
    url: 'https://deaaa.example',
    admittedAt: expect.any(Number),
    suspendedAt: null,
    removedAt: null,
    keys: [{ ...testKey('DEAAA'), addedAt: expect.any(Number), retiredAt: null }],
  });
  expect(await readMember(client, encodeMemberId('FRXXX'))).toBeNull();
  expect(await memberOf(client, a.account)).toBe(a.memberId);
  expect((await readMembers(client)).map(({ partyId }) => partyId)).toEqual(['DEAAA', 'DEBBB', 'DECCC']);
});

test('members admit, limit, rotate and remove by more than half of their votes', async () => {
  const { client, members } = network;
  const newcomer = testMember('ATDDD');
  const admit: ConsortiumAction = { kind: 'admit', candidate: newcomer };
  const proposed = await proposeAction(client, members[0].signer, admit, salt('admit'));
  if (!proposed.ok) throw new Error(proposed.detail);
  const { proposalId } = proposed.value;
  expect(await proposeAction(client, members[0].signer, admit, salt('admit'))).toMatchObject({
    ok: true,
    value: { outcome: 'already-done', proposalId },
  });
  expect(await executeProposal(client, members[0].signer, proposalId)).toMatchObject({
    refusal: 'quorum-missing',
  });
  expect(await voteFor(client, newcomer.signer, proposalId)).toMatchObject({ refusal: 'not-a-member' });
  expect(await voteFor(client, members[1].signer, proposalId)).toMatchObject({ value: { outcome: 'done' } });
  expect(await voteFor(client, members[1].signer, proposalId)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await executeProposal(client, members[0].signer, proposalId)).toMatchObject({
    value: { outcome: 'done' },
  });
  expect(await executeProposal(client, members[0].signer, proposalId)).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await readProposal(client, proposalId)).toMatchObject({
    kind: 'admit',
    executed: true,
    votes: [members[0].memberId, members[1].memberId],
  });
  expect(await readMember(client, newcomer.memberId)).toMatchObject({
    partyId: 'ATDDD',
    account: newcomer.account,
  });

  const limit = { kind: 'set-issuance-limit', memberId: newcomer.memberId, limitMicro: 5n } as const;
  expect(await decide(limit, 'limit')).toMatchObject({ refusal: 'quorum-missing' });
  const again = await proposeAction(client, members[0].signer, limit, salt('limit'));
  if (!again.ok) throw new Error(again.detail);
  expect(await voteFor(client, newcomer.signer, again.value.proposalId)).toMatchObject({ ok: true });
  expect(await executeProposal(client, newcomer.signer, again.value.proposalId)).toMatchObject({ ok: true });
  expect(await readPosition(client, newcomer.memberId)).toMatchObject({ limitMicro: 5n });

  const remove = await proposeAction(
    client,
    members[2].signer,
    { kind: 'remove', memberId: newcomer.memberId },
    zeroHash,
  );
  if (!remove.ok) throw new Error(remove.detail);
  await voteFor(client, members[0].signer, remove.value.proposalId);
  await voteFor(client, members[1].signer, remove.value.proposalId);
  expect(await executeProposal(client, members[0].signer, remove.value.proposalId)).toMatchObject({
    ok: true,
  });
  expect(await readMember(client, newcomer.memberId)).toMatchObject({ removedAt: expect.any(Number) });

  const account = testAccount('C new').address;
  expect(
    await decide({ kind: 'rotate-account', memberId: members[2].memberId, account }, 'rotate'),
  ).toMatchObject({
    ok: true,
  });
  expect(await memberOf(client, account)).toBe(members[2].memberId);
  expect(await memberOf(client, members[2].account)).toBe(zeroHash);
});

test('a member keeps its own keys and address', async () => {
  const { client, members } = network;
  const { signer, memberId } = members[1];
  const key = testKey('second');
  expect(await addKey(client, signer, key)).toMatchObject({ value: { outcome: 'done' } });
  expect(await addKey(client, signer, key)).toMatchObject({ value: { outcome: 'already-done' } });
  expect(await addKey(client, signer, { ...key, y: key.x })).toMatchObject({ refusal: 'key-malformed' });
  expect(await retireKey(client, signer, key)).toMatchObject({ value: { outcome: 'done' } });
  expect(await retireKey(client, signer, key)).toMatchObject({ value: { outcome: 'already-done' } });
  expect(await retireKey(client, signer, testKey('never seen'))).toMatchObject({ refusal: 'key-unknown' });
  expect(await addKey(client, testAccount('nobody'), key)).toMatchObject({ refusal: 'not-a-member' });
  expect((await readMember(client, memberId))?.keys).toEqual([
    { ...testKey('DEBBB'), addedAt: expect.any(Number), retiredAt: null },
    { ...key, addedAt: expect.any(Number), retiredAt: expect.any(Number) },
  ]);

  expect(await setUrl(client, signer, 'https://moved.example')).toMatchObject({ value: { outcome: 'done' } });
  expect(await setUrl(client, signer, 'https://moved.example')).toMatchObject({
    value: { outcome: 'already-done' },
  });
  expect(await setUrl(client, signer, 'x'.repeat(257))).toMatchObject({ refusal: 'url-too-long' });
});
