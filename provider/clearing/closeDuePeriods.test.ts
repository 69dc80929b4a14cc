import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOnce } from '../jobs/startJobs.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import type { ClearingChain } from './ClearingChain.ts';
import { closeDuePeriods, closePeriodsJob } from './closeDuePeriods.ts';
import { followChain } from './followChain.ts';

/** The agreement's period and limit in the chain room's tests. */
const dayS = 86_400;
const limitMicro = 1_000_000_000;

let world: ChainWorld;
beforeEach(async () => {
  world = await openChainWorld();
});
afterEach(() => world.close());

async function accept(name: string) {
  const charge = await world.charge(name);
  const segments = [await world.seal([charge])];
  await world.b.call('POST', '/hand-in', { body: { segments } });
  expect(await deliverEvidence(world.b.context)).toBe(1);
  return charge.cdr.value;
}

const admin = async () => (await world.b.call('GET', '/admin/batches', { as: 'staff' })).body;
const toMidnight = () => world.clock.advance(dayS - (world.clock.nowS() % dayS));

/** B's context with another credit limit in the agreement; what it read of the chain before is forgotten. */
async function withLimit(creditLimitMicro: number) {
  const chain: ClearingChain = {
    ...world.chains.b,
    async agreementsBetween(...asked) {
      const agreements = await world.chains.b.agreementsBetween(...asked);
      return agreements.map((one) => ({ ...one, creditLimitMicro: BigInt(creditLimitMicro) }));
    },
  };
  await followChain(world.b.context, world.chains.b);
  await world.b.database.db.deleteFrom('peer_agreement').execute();
  const warned: unknown[] = [];
  const log = { ...world.b.context.log, warn: (...said: unknown[]) => warned.push(said) };
  return { context: { ...world.b.context, chain, log: log as never }, warned };
}

test('a period that is over is closed by itself, at the boundary, once, whoever tries', async () => {
  const first = await accept('first');
  expect(await closeDuePeriods(world.b.context)).toEqual([]);
  toMidnight();
  const midnight = world.clock.nowS();
  world.clock.advance(7);
  const tries = await Promise.all([1, 2, 3].map(() => closeDuePeriods(world.b.context)));
  expect(tries.flat()).toEqual(['DEAAA']);
  expect((await admin()).batches).toMatchObject([
    { sequence: 1, periodEnd: midnight, totalMicro: first.chargeMicro, state: 'settled' },
  ]);
  // What comes late waits for the next boundary, as does what the day brings.
  const late = await accept('late');
  world.clock.advance(3_600);
  expect(await closeDuePeriods(world.b.context)).toEqual([]);
  toMidnight();
  expect(await closeDuePeriods(world.b.context)).toEqual(['DEAAA']);
  const [second] = (await admin()).batches;
  expect(second).toMatchObject({
    sequence: 2,
    periodStart: midnight,
    periodEnd: midnight + dayS,
    totalMicro: late.chargeMicro,
  });
  toMidnight();
  expect(await closeDuePeriods(world.b.context)).toEqual([]);
  expect((await admin()).batches).toHaveLength(2);
});

test('the staff can close before, and leave it to nobody else', async () => {
  await accept('by hand');
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  toMidnight();
  expect(await closeDuePeriods(world.b.context)).toEqual([]);
  await accept('later');
  const { context } = world.b;
  const { signal } = new AbortController();
  const byHand = {
    ...context,
    config: { ...context.config, jobs: { ...context.config.jobs, closePeriods: false } },
  };
  await runOnce(byHand, closePeriodsJob, signal);
  expect((await admin()).batches).toHaveLength(1);
  await runOnce(context, closePeriodsJob, signal);
  expect((await admin()).batches).toHaveLength(2);
});

test('while the chain or the debtor is away nothing is lost: the batch goes on when they are back', async () => {
  const { chargeMicro } = await accept('away');
  toMidnight();
  world.wire = () => Promise.reject(new TypeError('away'));
  expect(await closeDuePeriods(world.b.context)).toEqual(['DEAAA']);
  expect((await admin()).batches).toMatchObject([{ state: 'built', refusal: 'peer-unreachable' }]);
  expect(await closeDuePeriods(world.b.context)).toEqual([]);
  const cut = { ...world.b.context, chain: world.chainAt('http://127.0.0.1:9', 'DEBBB') };
  expect(await closeDuePeriods(cut)).toEqual([]);
  world.wire = (request, deliver) => deliver(request);
  world.clock.advance(60);
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  await followChain(world.b.context, world.chains.b);
  expect((await admin()).batches).toMatchObject([{ state: 'settled', totalMicro: chargeMicro }]);
});

test('what a peer owes is shown beside its limit; above it the period ends at once, and no CDR is refused', async () => {
  const { chargeMicro } = await accept('one');
  expect((await admin()).outstanding).toEqual([
    { peer: 'DEAAA', outstandingMicro: chargeMicro, creditLimitMicro: limitMicro, isOverLimit: false },
  ]);
  const exactly = await withLimit(chargeMicro);
  expect(await closeDuePeriods(exactly.context)).toEqual([]);
  expect(exactly.warned).toEqual([]);
  const over = await withLimit(chargeMicro - 1);
  expect(await closeDuePeriods(over.context)).toEqual(['DEAAA']);
  expect(over.warned).toHaveLength(1);
  const { batches, outstanding } = await admin();
  expect(batches).toMatchObject([{ periodEnd: world.clock.nowS(), state: 'settled' }]);
  expect(outstanding).toEqual([]);
  await accept('two');
});

test('a batch on its way counts as owed, and the next one waits for it', async () => {
  const { chargeMicro } = await accept('one');
  const { context, warned } = await withLimit(1);
  world.wire = () => Promise.reject(new TypeError('away'));
  expect(await closeDuePeriods(context)).toEqual(['DEAAA']);
  expect((await admin()).outstanding).toMatchObject([{ outstandingMicro: chargeMicro, isOverLimit: true }]);
  world.wire = (request, deliver) => deliver(request);
  await accept('two');
  world.clock.advance(60);
  expect(await closeDuePeriods(context)).toEqual([]);
  expect(warned.filter((said) => JSON.stringify(said).includes('limit'))).toHaveLength(1);
  const metrics = await (await world.b.app.fetch(new Request('https://b.example/metrics'))).text();
  expect(metrics).toMatch(new RegExp(`p2p_power_peer_outstanding_micro{peer="DEAAA"} ${2 * chargeMicro}\\b`));
  expect(metrics).toContain('p2p_power_peer_credit_limit_micro{peer="DEAAA"} 1\n');
});
