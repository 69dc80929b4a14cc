import { adversaries } from './adversaries.ts';
import { auditWorld } from './auditWorld.ts';
import { checkPromisedPrices } from './checkPromisedPrices.ts';
import type { House } from './House.ts';
import { healWorld } from './healWorld.ts';
import { privacyBreaches } from './privacy.ts';
import { type Breach, onlooker } from './promises.ts';
import { steps, stepWeights } from './steps.ts';
import { openWorld, type World, type WorldOptions } from './World.ts';

/** How a seed's world went. */
export interface SeedResult {
  readonly seed: number;
  /** Nothing where every promise was kept at every step, and at the end. */
  readonly breaches: readonly Breach[];
  /** The step that broke it, from 1; 0 for the end of the world. */
  readonly step: number;
  readonly trace: readonly string[];
  readonly traceHash: string;
  readonly charges: number;
  readonly settled: number;
  readonly badInputs: number;
}

export interface RunOptions extends WorldOptions {
  /** How many things happen before everything is healed. */
  readonly steps?: number;
}

export const stepsOfAWorld = 180;

/**
 * Lets a world live from its seed: one thing happens after the other, and after each every promise is
 * checked; at the end everything is healed and must come to its end. Stops at the first breach.
 */
export async function runSeed(house: House, seed: number, options: RunOptions = {}): Promise<SeedResult> {
  const world = await openWorld(house, seed, options);
  try {
    const eyes = onlooker(world);
    const { random } = world;
    for (let step = 1; step <= (options.steps ?? stepsOfAWorld); step += 1) {
      await world.advance(random.chance(88) ? random.integer(30, 2_400) : random.integer(2_400, 30_000));
      await world.network.deliverLate();
      const line = await takeStep(world);
      if (line !== undefined) world.note(line);
      const breaches = await eyes.check();
      if (breaches.length > 0) return await resultOf(world, breaches, step);
    }
    const breaches = [...(await healWorld(world, eyes))];
    const promised = await checkPromisedPrices(world, eyes);
    world.note(
      `${promised.bySignal} charges by signals, ${promised.byFallback} by fallbacks, ${promised.gaveBack} gave back`,
    );
    breaches.push(...promised.breaches);
    if (breaches.length === 0) breaches.push(...(await auditWorld(world)), ...(await privacyBreaches(world)));
    return await resultOf(world, breaches, 0);
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return await resultOf(world, [`a fault nobody expected: ${words}`], 0);
  } finally {
    await world.close();
  }
}

async function takeStep(world: World): Promise<string | undefined> {
  const { random } = world;
  if (random.chance(12)) return random.pick(adversaries)(world);
  return steps[random.weigh(stepWeights)](world);
}

async function resultOf(world: World, breaches: readonly Breach[], step: number): Promise<SeedResult> {
  for (const breach of breaches) world.note(`BROKEN ${breach}`);
  const { books } = await onlooker(world).look();
  return {
    seed: world.seed,
    breaches,
    step,
    trace: world.trace,
    traceHash: world.traceHash(),
    charges: new Set(books.flatMap(({ charges }) => charges.map(({ cdrId }) => cdrId))).size,
    settled: new Set(
      books.flatMap(({ charges }) =>
        charges.filter(({ sequence }) => sequence !== null).map(({ cdrId }) => cdrId),
      ),
    ).size,
    badInputs: world.badInputs.length,
  };
}

/** How to see a seed's world again, step by step. */
export const replayCommand = (seed: number): string =>
  `npm run simulate -w simulation -- --seed ${seed} --trace`;
