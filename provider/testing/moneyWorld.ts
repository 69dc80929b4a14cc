import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { type Segment, sealSegment } from '@p2p-power/protocol/Segment';
import {
  buildEvidence,
  dawn,
  type EvidenceOverrides,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  type TestDriver,
  type TestStation,
  type TestProvider as WorldProvider,
} from '@p2p-power/protocol/testing/world';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { ProviderPorts } from '../openProvider.ts';
import type { ProviderConfigInput } from '../ProviderConfig.ts';
import { samplePoint, sampleTariff } from './samples.ts';
import type { TestDatabase } from './testDatabase.ts';
import { openTestProvider, type TestProvider, testClock } from './testProvider.ts';

/** What happens to a request between two providers on its way. */
export type Wire = (request: Request, deliver: (request: Request) => Promise<Response>) => Promise<Response>;

/** Provider A with driver Anna, provider B with Bert's garage, each on a database of its own, asking each other in the same process. */
export interface MoneyWorld {
  readonly clock: ReturnType<typeof testClock>;
  readonly a: TestProvider;
  readonly b: TestProvider;
  readonly providerA: WorldProvider;
  readonly providerB: WorldProvider;
  readonly anna: TestDriver;
  /** A driver of B. */
  readonly dora: TestDriver;
  readonly garage: TestStation;
  /** Replaces the wire between the two; without a wire requests arrive once. */
  wire: Wire;
  /** Evidence of a charge at the garage; Anna's unless the overrides say otherwise. `name` tells charges apart. */
  charge(name: string, overrides?: EvidenceOverrides): Promise<Evidence>;
  seal(evidence: readonly Evidence[], to?: TestProvider): Promise<Segment>;
  close(): Promise<void>;
}

export const bertsAccount: Hex = `0x${'be'.repeat(20)}`;

export async function openMoneyWorld(
  options: {
    readonly chains?: { readonly a: ClearingChain; readonly b: ClearingChain };
    readonly checkThreads?: number;
    readonly startS?: number;
    /** In place of one of its own, which begins at `startS`. */
    readonly clock?: ReturnType<typeof testClock>;
    readonly config?: Partial<ProviderConfigInput>;
    readonly operatorAccount?: Hex;
    /** In place of fresh ones on the tests' server. */
    readonly databases?: { readonly a: TestDatabase; readonly b: TestDatabase };
  } = {},
): Promise<MoneyWorld> {
  const clock = options.clock ?? testClock(options.startS ?? dawn + 7_200);
  const providerA = makeProvider('DEAAA');
  const providerB = makeProvider('DEBBB');
  const urls = { DEAAA: 'https://a.example', DEBBB: 'https://b.example' } as const;
  const apps = new Map<string, TestProvider>();
  const direct: Wire = (request, deliver) => deliver(request);
  const state = { wire: direct };
  const fetch = (async (input: Request) =>
    state.wire(input, async (request) => {
      const to = apps.get(new URL(request.url).origin);
      if (to === undefined) throw new TypeError('fetch failed');
      return to.app.fetch(request);
    })) as unknown as typeof globalThis.fetch;
  const open = (
    me: WorldProvider,
    peer: WorldProvider,
    chain: ClearingChain | undefined,
    database: TestDatabase | undefined,
  ) =>
    openTestProvider(
      {
        providerId: me.providerId,
        name: `Provider ${me.providerId}`,
        publicUrl: urls[me.providerId as keyof typeof urls],
        networkId,
        checkThreads: options.checkThreads ?? 0,
        peers: [{ providerId: peer.providerId, url: urls[peer.providerId as keyof typeof urls] }],
        ...options.config,
      },
      { certificateSigner: me.key, clock, fetch, ...(chain && { chain }) } satisfies ProviderPorts,
      database,
    );
  const a = await open(providerA, providerB, options.chains?.a, options.databases?.a);
  const b = await open(providerB, providerA, options.chains?.b, options.databases?.b);
  apps.set(urls.DEAAA, a);
  apps.set(urls.DEBBB, b);

  const anna = await makeDriver(providerA, 'Anna');
  const dora = await makeDriver(providerB, 'Dora');
  const garage = await makeStation(providerB, 'Garage', {
    operatorAccount: options.operatorAccount ?? bertsAccount,
  });
  for (const [provider, driver, subject] of [
    [a, anna, 'anna'],
    [b, dora, 'dora'],
  ] as const) {
    await addMembers(provider, [providerA, providerB], options.chains);
    await addDriver(provider, driver, subject);
  }
  await b.database.db
    .insertInto('operator')
    .values({
      operator_id: 'bert',
      name: 'Bert',
      email: 'bert@example.org',
      account: options.operatorAccount ?? bertsAccount,
      account_kept: true,
      issuer: null,
      subject: null,
      created_at: String(dawn),
    })
    .execute();

  return {
    clock,
    a,
    b,
    providerA,
    providerB,
    anna,
    dora,
    garage,
    get wire() {
      return state.wire;
    },
    set wire(wire) {
      state.wire = wire;
    },
    charge: (name, overrides = {}) =>
      buildEvidence({ driver: anna, station: garage, nonce: name, ...overrides }),
    seal: (evidence, to = b) =>
      sealSegment(evidence, {
        networkId,
        providerId: to.context.config.providerId,
        recipientPublicKey: to.context.courierKey.publicKey,
      }),
    async close() {
      await a.close();
      await b.close();
    },
  };
}

async function addMembers(
  to: TestProvider,
  members: readonly WorldProvider[],
  chains: { readonly a: ClearingChain; readonly b: ClearingChain } | undefined,
): Promise<void> {
  await to.database.db
    .insertInto('member')
    .values(
      members.map((member) => ({
        provider_id: member.providerId,
        name: member.providerId,
        url: '',
        account: (member.providerId === 'DEAAA' ? chains?.a : chains?.b)?.account ?? null,
        keys: JSON.stringify([{ publicKey: member.key.publicKey, addedAt: 0, retiredAt: 0 }]),
        read_at: '0',
      })),
    )
    .onConflict((conflict) =>
      conflict.column('provider_id').doUpdateSet((eb) => ({
        keys: eb.ref('excluded.keys'),
        account: eb.ref('excluded.account'),
      })),
    )
    .execute();
}

/** A driver with a certificate in a provider's books. */
export async function addDriver(to: TestProvider, driver: TestDriver, subject: string): Promise<void> {
  const { db } = to.database;
  await db
    .insertInto('driver')
    .values({
      driver_id: subject,
      issuer: 'https://identity.example',
      subject,
      name: null,
      email: null,
      created_at: '0',
      closed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = driver.certificate;
  await db
    .insertInto('driver_certificate')
    .values({
      certificate_id: driver.certificateId,
      driver_id: subject,
      emaid: value.emaid.text,
      public_key: value.publicKey,
      not_before: String(value.notBefore),
      not_after: String(value.notAfter),
      issued_at: String(value.notBefore),
      revoked_at: null,
      signed: JSON.stringify(driver.certificate),
    })
    .execute();
}

/** Enters the garage, which the world certified itself, at its provider B: Bert's point with a tariff. Its EVSE-ID. */
export async function enterGarage({ garage, b }: MoneyWorld, perKwh?: number): Promise<string> {
  const { value } = garage.certificate;
  const evseId = value.evseId.text;
  const as = 'staff';
  await b.call('POST', '/admin/points', { as, body: samplePoint('bert', { evseId }) });
  await b.call('PUT', `/admin/points/${evseId}/tariff`, { as, body: sampleTariff('DEBBB', perKwh) });
  await b.database.db
    .insertInto('station_certificate')
    .values({
      certificate_id: garage.certificateId,
      uid: evseId,
      evse_id: evseId,
      operator_id: 'bert',
      operator_account: value.operatorAccount,
      public_key: value.publicKey,
      meter_public_key: garage.meterPublicKey,
      not_before: String(value.notBefore),
      not_after: String(value.notAfter),
      issued_at: String(value.notBefore),
      revoked_at: null,
      signed: JSON.stringify(garage.certificate),
    })
    .execute();
  return evseId;
}
