import { createHash } from 'node:crypto';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { pointOf } from '@p2p-power/chain/PublicKeyPoint';
import { testTerms } from '@p2p-power/chain/testing/foundTestNetwork';
import { openScriptedChain, type ScriptedChain } from '@p2p-power/chain/testing/openScriptedChain';
import type { Hex } from '@p2p-power/protocol/Hex';
import { sealSegment } from '@p2p-power/protocol/Segment';
import {
  buildEvidence,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  steadyReadings,
  type TestDriver,
  type TestStation,
  type TestProvider as WorldProvider,
} from '@p2p-power/protocol/testing/world';
import { testIbans } from '../bank/testing/printNotification.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { openClearingChain } from '../clearing/openClearingChain.ts';
import { sealAccountKey } from '../operators/sealAccountKey.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { addDriver } from './moneyWorld.ts';
import { openTestProvider, type TestProvider, testClock } from './testProvider.ts';

/** A provider of the world with its one driver and its one operator, whose account's key it keeps. */
export interface NettingMember extends TestProvider {
  readonly providerId: string;
  readonly chain: ClearingChain;
  readonly iban: string;
  readonly accountKey: Hex;
  readonly operatorKey: Hex;
  readonly operatorAccount: Hex;
  readonly world: WorldProvider;
  readonly driver: TestDriver;
  readonly station: TestStation;
}

/** Several providers on one chain, all in agreement with each other, asking each other in the same process. */
export interface NettingWorld {
  readonly chain: ScriptedChain;
  readonly clock: ReturnType<typeof testClock>;
  readonly members: readonly NettingMember[];
  member(providerId: string): NettingMember;
  /** A charge of `debtor`'s driver at `creditor`'s operator, handed in and accepted; answers what it cost. */
  trade(debtor: string, creditor: string, energyWh: number, station?: TestStation): Promise<number>;
  /** Closes everybody's period: all that was accepted is settled on the chain. */
  settle(): Promise<void>;
  /** Moves everybody's clock, and the chain's. */
  advance(seconds: number): void;
  close(): Promise<void>;
}

const keyOf = (name: string): Hex => `0x${createHash('sha256').update(name).digest('hex')}`;
const urlOf = (providerId: string) => `https://${providerId.toLowerCase()}.example`;

export async function openNettingWorld(
  providerIds: readonly string[],
  options: { readonly issuanceLimitMicro?: bigint } = {},
): Promise<NettingWorld> {
  const clock = testClock(dawn + 7_200);
  const providers = providerIds.map((providerId) => makeProvider(providerId));
  const chain = await openScriptedChain({
    networkId,
    genesisAt: dawn,
    terms: testTerms,
    members: providers.map(({ providerId, key }) => {
      const signer = accountSigner(keyOf(`test account ${providerId}`));
      return {
        memberId: encodeMemberId(providerId),
        account: signer.address,
        signer,
        url: urlOf(providerId),
        keys: [pointOf(key.publicKey)],
        issuanceLimitMicro: options.issuanceLimitMicro ?? 1_000_000_000_000n,
      };
    }),
  });
  chain.setTime(clock.nowS());
  const apps = new Map<string, TestProvider>();
  const fetch = (async (input: Request) => {
    const to = apps.get(new URL(input.url).origin);
    if (to === undefined) throw new TypeError('fetch failed');
    return to.app.fetch(input);
  }) as unknown as typeof globalThis.fetch;
  const members: NettingMember[] = [];
  for (const [index, provider] of providers.entries())
    members.push(await openMember(chain, clock, fetch, provider, testIbans[index] as string));
  for (const member of members) apps.set(urlOf(member.providerId), member);

  const member = (providerId: string) =>
    members.find((one) => one.providerId === providerId) as NettingMember;
  let count = 0;
  return {
    chain,
    clock,
    members,
    member,
    async trade(debtorId, creditorId, energyWh, station) {
      const [debtor, creditor] = [member(debtorId), member(creditorId)];
      count += 1;
      const durationS = 3_600;
      const evidence = await buildEvidence({
        driver: debtor.driver,
        station: station ?? creditor.station,
        nonce: `trade ${count}`,
        readings: steadyReadings(clock.nowS() - durationS - 60, durationS, energyWh),
      });
      const segment = await sealSegment([evidence], {
        networkId,
        providerId: creditorId,
        recipientPublicKey: creditor.context.courierKey.publicKey,
      });
      const handedIn = await creditor.call('POST', '/hand-in', { body: { segments: [segment] } });
      if (handedIn.body.results[0].outcomes[0]?.outcome === 'refused')
        throw new Error(JSON.stringify(handedIn.body));
      await deliverEvidence(creditor.context);
      return evidence.cdr.value.chargeMicro;
    },
    async settle() {
      for (const creditor of members) {
        const body = { periodEnd: clock.nowS() };
        const closed = await creditor.call('POST', '/admin/periods/close', { as: 'staff', body });
        if (closed.status !== 200) throw new Error(JSON.stringify(closed.body));
      }
    },
    advance(seconds) {
      clock.advance(seconds);
      chain.setTime(clock.nowS());
    },
    async close() {
      for (const one of members) await one.close();
      await chain.stop();
    },
  };
}

async function openMember(
  chain: ScriptedChain,
  clock: ReturnType<typeof testClock>,
  fetch: typeof globalThis.fetch,
  provider: WorldProvider,
  iban: string,
): Promise<NettingMember> {
  const { providerId } = provider;
  const accountKey = keyOf(`test account ${providerId}`);
  const port = openClearingChain(chain.connect(), { providerId, accountKey });
  const opened = await openTestProvider(
    {
      providerId,
      name: `Provider ${providerId}`,
      publicUrl: urlOf(providerId),
      networkId,
      checkThreads: 0,
      bankAccount: { name: `Provider ${providerId} GmbH`, iban },
    },
    { certificateSigner: provider.key, clock, fetch, chain: port },
  );
  const operatorKey = keyOf(`operator of ${providerId}`);
  const operatorAccount = accountSigner(operatorKey).address.toLowerCase() as Hex;
  const { db, sealingKey } = opened.context;
  const operator = `op-${providerId.toLowerCase()}`;
  await db
    .insertInto('operator')
    .values({
      operator_id: operator,
      name: `Operator of ${providerId}`,
      email: `${operator}@example.org`,
      account: operatorAccount,
      account_kept: true,
      issuer: 'https://identity.example',
      subject: operator,
      created_at: String(dawn),
    })
    .execute();
  await db
    .insertInto('account_key')
    .values({
      account: operatorAccount,
      sealed_key: sealAccountKey(sealingKey, operatorAccount, operatorKey),
      created_at: '0',
    })
    .execute();
  const driver = await makeDriver(provider, `Driver of ${providerId}`);
  await addDriver(opened, driver, `driver-${providerId.toLowerCase()}`);
  const station = await makeStation(provider, `Garage of ${providerId}`, { operatorAccount });
  return {
    ...opened,
    providerId,
    chain: port,
    iban,
    accountKey,
    operatorKey,
    operatorAccount,
    world: provider,
    driver,
    station,
  };
}
