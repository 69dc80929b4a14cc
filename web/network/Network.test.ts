import { keyId } from '@p2p-power/protocol/KeyId';
import { makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameOfProvider, parseNetwork, trustOf } from './Network.ts';

const keyOf = (providerId: string) => ({
  publicKey: makeProvider(providerId).key.publicKey,
  addedAt: 0,
  retiredAt: 0,
});
const answer = {
  providerId: 'DEAAA',
  name: 'Stadtwerke',
  networkId,
  currency: 'EUR',
  keys: [keyOf('DEAAA')],
  members: [{ providerId: 'DEBBB', name: 'Bergische', url: 'http://b.example', keys: [keyOf('DEBBB')] }],
  oidc: { issuer: 'https://id.example', clientId: 'app', audience: 'https://a.example' },
};

test('a provider’s answer becomes the network, its own keys included', () => {
  const network = parseNetwork(answer);
  if (!network.ok) throw new Error(network.detail);
  expect(network.value.members.map(({ providerId }) => providerId)).toEqual(['DEAAA', 'DEBBB']);
  expect(network.value.oidc).toEqual(answer.oidc);
  const trust = trustOf(network.value);
  const { publicKey } = keyOf('DEBBB');
  expect(trust.certificateKey('DEBBB', keyId(publicKey))).toBe(publicKey);
  expect(trust.certificateKey('DEAAA', keyId(publicKey))).toBeUndefined();
  expect(nameOfProvider(network.value, 'DEBBB')).toBe('Bergische');
  expect(nameOfProvider(network.value, 'DEXXX')).toBe('DEXXX');
});

test('without a sign-in it is still a network; a sign-in that is none is left out', () => {
  expect(parseNetwork({ ...answer, oidc: null })).toMatchObject({ ok: true });
  const odd = parseNetwork({ ...answer, oidc: { issuer: 'javascript:alert(1)', clientId: 'x' } });
  expect(odd.ok && odd.value.oidc).toBeUndefined();
});

test.each([
  ['name', 7],
  ['networkId', '0x12'],
  ['currency', undefined],
  ['members', {}],
  ['members', [{ providerId: 'DEBBB', name: 'B', keys: [{ publicKey: '0x' }] }]],
])('a wrong %s is refused', (field, value) => {
  expect(parseNetwork({ ...answer, [field]: value })).toMatchObject({
    ok: false,
    refusal: 'malformed-network',
  });
});

test('nothing that is sent breaks the reading', () => {
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      expect(parseNetwork(anything).ok).toBe(false);
    }),
  );
});
