import { dawn, networkId } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import type { Address } from 'viem';
import { readEvents } from '../followEvents.ts';
import { keyName } from '../model/actConsortium.ts';
import { actOnNetwork } from '../model/actOnNetwork.ts';
import { applyEvent, checkLedger, openLedger, positionOf } from '../model/LedgerModel.ts';
import { isPresent, type Network } from '../model/Network.ts';
import { agreementIdOf } from '../model/networkIds.ts';
import { type Draw, type DrawKind, drawCall, drawWeights, type People, type Trees } from './drawCall.ts';
import { certificateKey, makeForcedCharges } from './forcedCharges.ts';
import { testAccount, testKey, testMember, testTerms } from './foundTestNetwork.ts';
import { performOnChain, type Signers } from './networkChain.ts';
import { openScriptedChain } from './openScriptedChain.ts';
import { findDifferences } from './readNetwork.ts';

const genesisAt = dawn + 2 * 86_400;

/** How often each outcome was seen, by call and refusal: shows that the traces come everywhere. */
export type Seen = Map<string, number>;

/** A network of four, on a real chain and in the model, on which traces are run from its founding. */
export async function openTraceWorld() {
  const founders = ['DEAAA', 'DEBBB', 'DECCC', 'DEDDD'].map((partyId) => ({
    ...testMember(partyId),
    keys: [certificateKey(partyId)],
  }));
  const candidate = testMember('FREEE');
  const names = ['anna', 'bert', 'carl', 'stranger', 'new account', 'newer account'];
  const others = names.map(testAccount);
  const chain = await openScriptedChain({
    networkId,
    members: founders,
    terms: testTerms,
    genesisAt,
  });
  const client = chain.connect();
  const signers: Signers = new Map(
    [...founders, candidate]
      .map(({ signer }) => signer)
      .concat(others)
      .map((signer) => [lower(signer.address), signer]),
  );
  const accounts = [...signers.keys()] as Address[];
  const charges = await makeForcedCharges(accounts.slice(5, 8));
  const evidence = new Map(charges.map((made) => [made.charge.authorizationId, made.evidence]));
  const people: People = {
    memberIds: [...founders, candidate].map(({ memberId }) => memberId),
    memberAccounts: accounts.filter((_, index) => index < 5 || index >= 9),
    operators: accounts.slice(5, 8),
    all: accounts,
    keys: [
      ...[...founders, candidate].flatMap(({ keys }) => keys),
      testKey('another'),
      { x: testKey('another').x, y: testKey('one').y },
    ],
    terms: testTerms,
    charges: charges.map(({ charge }) => charge),
  };
  const network = foundInModel(client.deployment, founders);

  /** Runs a trace on both from the founding on and throws at the first difference. */
  async function check(trace: readonly Draw[], seen: Seen = new Map()): Promise<void> {
    await chain.revert();
    let state = network;
    let now = genesisAt;
    const trees: Trees = new Map();
    for (const draw of trace) {
      now += draw.waitS;
      await chain.passTo(now);
      const call = drawCall(state, people, trees, draw, now);
      const must = actOnNetwork(state, call, now);
      const refusal = await performOnChain(client, state, signers, evidence, call);
      const outcome = must.ok ? null : must.refusal;
      const what = `${call.name} at ${now - genesisAt}`;
      if (refusal !== outcome) {
        throw new Error(
          `${what}: the contracts say ${refusal ?? 'done'}, the model ${outcome ?? 'done'}\n${show(call)}`,
        );
      }
      seen.set(`${call.name} ${outcome ?? 'done'}`, (seen.get(`${call.name} ${outcome ?? 'done'}`) ?? 0) + 1);
      if (must.ok) state = must.value;
      const universe = { memberIds: people.memberIds, accounts };
      const differences = await findDifferences(client, state, universe, now);
      if (differences.length > 0) throw new Error(`after ${what}:\n${differences.join('\n')}\n${show(call)}`);
    }
    await checkFold(state);
  }

  /** What the events alone say is the same money. */
  async function checkFold(state: Network): Promise<void> {
    const ledger = openLedger(client.deployment);
    const { events } = await readEvents(client, null, { maxBlocks: 1_000_000 });
    const found = [...events.flatMap((event) => applyEvent(ledger, event)), ...checkLedger(ledger)];
    if (found.length > 0) throw new Error(`the events contradict: ${JSON.stringify(found)}`);
    const ofLedger = [...ledger.members].map(([id, member]) => [
      id,
      positionOf(member),
      isPresentIn(state, id),
    ]);
    const ofModel = [...ledger.members].map(([id, member]) => {
      const money = state.money.get(id);
      return [id, money === undefined ? 0n : money.issuedMicro - money.redeemedMicro, member.isPresent];
    });
    if (show(ofLedger) !== show(ofModel)) throw new Error(`${show(ofLedger)} by events, ${show(ofModel)}`);
    for (const [account, micro] of state.balances) {
      if ((ledger.balances.get(account) ?? 0n) !== micro) throw new Error(`balance of ${account} by events`);
    }
  }
  return { check, stop: () => chain.stop() };
}

function isPresentIn(network: Network, memberId: `0x${string}`): boolean {
  return isPresent(network.members.get(memberId));
}

function foundInModel(
  deployment: Awaited<ReturnType<typeof openScriptedChain>>['deployment'],
  founders: readonly ReturnType<typeof testMember>[],
): Network {
  const { chainId, consortium, chargeToken, peering, clearing, forcedClaims } = deployment;
  const network: Network = {
    chainId,
    addresses: {
      consortium: lower(consortium),
      chargeToken: lower(chargeToken),
      peering: lower(peering),
      clearing: lower(clearing),
      forcedClaims: lower(forcedClaims),
    },
    members: new Map(
      founders.map(({ memberId, account, url, keys }) => [
        memberId,
        {
          account: lower(account),
          admittedAt: genesisAt,
          suspendedAt: 0,
          removedAt: 0,
          url,
          keys: new Map(keys.map((key) => [keyName(key), { addedAt: genesisAt, retiredAt: 0 }])),
          // A founder answers for what was before, too.
          formerSpans: [{ from: 0, until: genesisAt }],
        },
      ]),
    ),
    holders: new Map(founders.map(({ memberId, account }) => [lower(account), memberId])),
    proposals: new Map(),
    agreements: new Map(),
    accepted: new Map(),
    money: new Map(
      founders.map(({ memberId, issuanceLimitMicro }) => [
        memberId,
        { issuedMicro: 0n, redeemedMicro: 0n, limitMicro: issuanceLimitMicro },
      ]),
    ),
    balances: new Map(),
    allowances: new Map(),
    permitNonces: new Map(),
    redemptions: new Map(),
    bankReferences: new Set(),
    closesAt: 0,
    channels: new Map(),
    settledRoots: new Map(),
    claimed: new Map(),
    forcedClaims: new Map(),
    handIns: new Map(),
    revocations: new Map(),
  };
  for (const [index, { memberId: x }] of founders.entries()) {
    for (const { memberId: y } of founders.slice(index + 1)) {
      const id = agreementIdOf(network, x, y, 1, testTerms);
      const [members, terms] = [[x, y] as const, testTerms];
      network.agreements.set(id, {
        members,
        proposer: x,
        version: 1,
        terms,
        acceptedAt: genesisAt,
        endsAt: 0,
      });
      network.accepted.set(members.join(' '), [id]);
    }
  }
  return network;
}

/** Traces of up to so many steps. */
export function traceArbitrary(maxLength: number): fc.Arbitrary<readonly Draw[]> {
  const kinds = Object.entries(drawWeights).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.constant(kind as DrawKind),
  }));
  const waits = fc.oneof(
    { weight: 50, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 5, arbitrary: fc.constantFrom(3_600, 86_400, 2 * 86_400) },
    { weight: 1, arbitrary: fc.constantFrom(7 * 86_400, 11 * 86_400, 14 * 86_400 + 1, 31 * 86_400) },
  );
  const draw = fc.record({
    kind: fc.oneof(...kinds),
    waitS: waits,
    picks: fc.noBias(fc.array(fc.nat(), { minLength: 6, maxLength: 6 })),
  });
  return fc.array(draw, { minLength: 1, maxLength, size: 'max' });
}

function lower(account: Address): Address {
  return account.toLowerCase() as Address;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner), 1);
}
