import { accept, refuse } from '@p2p-power/tariff/Result';
import { expect, test } from 'vitest';
import type { ProviderApi } from '../network/ProviderApi.ts';
import { dropToken, heldToken, holdToken, staffCalls, type TabStorage } from './StaffAccess.ts';

function tab(): TabStorage & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

test('a token is held while the tab is open, and dropped', () => {
  const storage = tab();
  expect(heldToken(storage)).toBeUndefined();
  holdToken(storage, 'secret');
  expect(heldToken(storage)).toBe('secret');
  dropToken(storage);
  expect([heldToken(storage), storage.kept.size]).toEqual([undefined, 0]);
});

test('a browser that keeps nothing is no fault', () => {
  const fail = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const storage: TabStorage = { getItem: fail, setItem: fail, removeItem: fail };
  holdToken(storage, 'secret');
  dropToken(storage);
  expect(heldToken(storage)).toBeUndefined();
});

test('calls carry the token; who is no staff is told once for each refusal, other refusals are their own', async () => {
  const asked: unknown[] = [];
  const api = {
    async asStaff(...call: readonly unknown[]) {
      asked.push(call);
      if (call[2] === '/admin/nowhere') return refuse('not-staff', 'no');
      if (call[2] === '/admin/never') return refuse('not-signed-in', 'an access token is needed');
      return call[1] === 'PUT' ? refuse('duplicate-frame', 'two') : accept({ frames: [] });
    },
  } as unknown as ProviderApi;
  let refusals = 0;
  const call = staffCalls(api, 'secret', () => {
    refusals += 1;
  });
  expect(await call('GET', '/admin/price-frames')).toEqual(accept({ frames: [] }));
  expect(await call('PUT', '/admin/price-frames', {})).toMatchObject({ refusal: 'duplicate-frame' });
  expect(refusals).toBe(0);
  expect(await call('GET', '/admin/nowhere')).toMatchObject({ refusal: 'not-staff' });
  expect(refusals).toBe(1);
  expect(await call('GET', '/admin/never')).toMatchObject({ refusal: 'not-signed-in' });
  expect(refusals).toBe(2);
  expect(asked[0]).toEqual(['secret', 'GET', '/admin/price-frames', undefined]);
});
