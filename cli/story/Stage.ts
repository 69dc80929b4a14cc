import { setTimeout as delay } from 'node:timers/promises';
import type { ProviderClient } from '@p2p-power/provider/client/ProviderClient';
import type { Result } from '@p2p-power/tariff/Result';
import type { RunningNetwork } from '../network/bringUpNetwork.ts';
import type { PlannedStation } from '../network/NetworkPlan.ts';
import type { Page } from '../Page.ts';
import type { Phone } from './Phone.ts';

/** Where the story is played: the network, its people, and the page it is printed on. */
export interface Stage {
  readonly network: RunningNetwork;
  readonly page: Page;
  /** Driver of provider A. */
  readonly anna: Phone;
  /** Driver of provider B, who only comes by. */
  readonly cem: Phone;
  /** The operator's calls to provider B, signed in. */
  readonly bert: ProviderClient;
  /** Bert's garage without internet. */
  readonly garage: PlannedStation;
}

/** The staff's client of a provider on the stage. */
export function staffOf(stage: Pick<Stage, 'network'>, providerId: string): ProviderClient {
  const staff = stage.network.staff.get(providerId);
  if (staff === undefined) throw new Error(`no provider ${providerId} is on the stage`);
  return staff;
}

/**
 * Asks until the answer will do, at most `timeoutMs`. A refusal is asked again: what is waited for may
 * not be there yet. Throws with the last answer where time runs out.
 */
export async function waitFor<Value>(
  what: string,
  ask: () => Promise<Result<Value, string>>,
  willDo: (value: Value) => boolean = () => true,
  timeoutMs = 30_000,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer.ok && willDo(answer.value)) return answer.value;
    if (performance.now() > deadline)
      throw new Error(
        `${what} did not happen within ${timeoutMs / 1000} s; last: ${JSON.stringify(answer).slice(0, 500)}`,
      );
    await delay(200);
  }
}
