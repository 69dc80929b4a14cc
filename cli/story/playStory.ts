import { providerClient } from '@p2p-power/provider/client/ProviderClient';
import type { RunningNetwork } from '../network/bringUpNetwork.ts';
import { demoPassword, personOf, providerOf } from '../network/NetworkPlan.ts';
import type { Page } from '../Page.ts';
import { carryTheRecord } from './carryTheRecord.ts';
import { chargeInTheGarage } from './chargeInTheGarage.ts';
import { checkPromises } from './checkPromises.ts';
import { openPhone } from './Phone.ts';
import { payBert } from './payBert.ts';
import { readStatement } from './readStatement.ts';
import { refuseForgeries } from './refuseForgeries.ts';
import type { Stage } from './Stage.ts';
import { settleThePeriod } from './settleThePeriod.ts';
import { signInTo } from './signIn.ts';

/**
 * Plays the whole story on a network that runs: one charge from the offer to the money, and what
 * somebody with bad intentions might try. Each chapter throws where it cannot go on; what did not hold
 * is counted on the page.
 */
export async function playStory(network: RunningNetwork, page: Page, signal: AbortSignal): Promise<void> {
  const stage = await page.during('Anna, Cem and Bert sign in with their providers', () =>
    openStage(network, page),
  );
  const receipt = await chargeInTheGarage(stage);
  signal.throwIfAborted();
  await carryTheRecord(stage, receipt);
  signal.throwIfAborted();
  const batch = await settleThePeriod(stage, receipt);
  const paid = await payBert(stage, batch);
  await readStatement(stage, receipt);
  signal.throwIfAborted();
  const bookedBeforeForgeries = await refuseForgeries(stage, receipt);
  await checkPromises(stage, { receipt, batch, bookedBeforeForgeries, ...paid });
}

async function openStage(network: RunningNetwork, page: Page): Promise<Stage> {
  const { plan } = network;
  const garage = plan.stations.find(({ online }) => !online);
  if (garage === undefined) throw new Error('the story needs a station without internet');
  const personAt = (name: string): Person => {
    const person = personOf(plan, name);
    return { ...person, password: demoPassword, url: providerOf(plan, person.providerId).url };
  };
  const [anna, cem, bert] = [personAt('Anna'), personAt('Cem'), personAt('Bert')];
  const [annasPhone, cemsPhone, token] = await Promise.all([
    openPhone(anna, anna.url),
    openPhone(cem, cem.url),
    signInTo(bert.url, bert),
  ]);
  return {
    network,
    page,
    garage,
    anna: annasPhone,
    cem: cemsPhone,
    bert: providerClient({ baseUrl: bert.url, token: () => token }),
  };
}

interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly url: string;
}
