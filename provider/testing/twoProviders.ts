import { pino } from 'pino';
import { openTestProvider, type TestProvider, testCourierKey, testKey } from './testProvider.ts';

export interface TwoProviders {
  readonly a: TestProvider;
  readonly b: TestProvider;
  /** Makes every request between the two fail, or lets them through again. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

/** Provider A (DEAAA) and B (DEBBB), which know each other and talk without sockets, on two databases and one clock's time. */
export async function openTwoProviders(): Promise<TwoProviders> {
  const signers = { a: testKey().signer, b: testKey().signer };
  const apps: Record<string, TestProvider> = {};
  let isCut = false;
  const fetch = (async (input: Request | string | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const provider = apps[new URL(request.url).origin];
    if (isCut || provider === undefined) throw new TypeError('fetch failed');
    return provider.app.fetch(request);
  }) as typeof globalThis.fetch;
  const peers = {
    a: { providerId: 'DEAAA', url: 'https://a.example', keys: [signers.a.publicKey] },
    b: { providerId: 'DEBBB', url: 'https://b.example', keys: [signers.b.publicKey] },
  };
  const ports = { fetch, log: pino({ level: 'silent' }), courierKey: testCourierKey() };
  const [a, b] = await Promise.all([
    openTestProvider({ peers: [peers.b] }, { ...ports, certificateSigner: signers.a }),
    openTestProvider(
      { providerId: 'DEBBB', name: 'Provider B', publicUrl: 'https://b.example', peers: [peers.a] },
      { ...ports, certificateSigner: signers.b },
    ),
  ]);
  apps['https://a.example'] = a;
  apps['https://b.example'] = b;
  return {
    a,
    b,
    cut: (wanted) => {
      isCut = wanted;
    },
    async close() {
      await Promise.all([a.close(), b.close()]);
    },
  };
}
