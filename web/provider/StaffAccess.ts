import type { Result } from '@p2p-power/tariff/Result';
import type { ProviderApi } from '../network/ProviderApi.ts';

/** Where the staff's token stays while the tab is open; a browser's `sessionStorage`. */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const entry = 'p2p-power/staff-token';

/** The token of this tab, if it has one; a browser that keeps nothing is no fault. */
export function heldToken(storage: TabStorage): string | undefined {
  try {
    return storage.getItem(entry) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the token until the tab is closed. */
export function holdToken(storage: TabStorage, token: string): void {
  try {
    storage.setItem(entry, token);
  } catch {
    // Then it holds until the page is left.
  }
}

export function dropToken(storage: TabStorage): void {
  try {
    storage.removeItem(entry);
  } catch {
    // Nothing was kept.
  }
}

/** One call on behalf of the provider's staff. */
export type StaffCall = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<Result<unknown, string>>;

/**
 * Calls with a token. Who is told that it is none of the staff's, or no token at all, hears of it through `onRefused`, so
 * that it is asked for again.
 */
export function staffCalls(api: ProviderApi, token: string, onRefused: () => void): StaffCall {
  return async (method, path, body) => {
    const answer = await api.asStaff(token, method, path, body);
    if (!answer.ok && (answer.refusal === 'not-staff' || answer.refusal === 'not-signed-in')) onRefused();
    return answer;
  };
}
