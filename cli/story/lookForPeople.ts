import { personalDataFinder } from '@p2p-power/chain/audit/findPersonalData';
import { readAllWritten } from '@p2p-power/chain/audit/readAllWritten';
import type { Receipt } from './Phone.ts';
import type { Stage } from './Stage.ts';

/** Reads all that was ever written on the demo's chain and looks for everybody in the story, and every point. */
export async function lookForPeople({ page, network }: Stage, { facts }: Receipt): Promise<void> {
  const finder = personalDataFinder([
    { kind: 'eMAID', text: facts.emaid },
    ...network.plan.stations.map(({ evseId }) => ({ kind: 'EVSE-ID', text: evseId })),
    ...network.plan.people.flatMap(({ name, email }) => [
      { kind: 'name', text: name },
      { kind: 'e-mail', text: email },
    ]),
  ]);
  let bytes = 0;
  const found: string[] = [];
  for await (const written of readAllWritten(network.chainClient)) {
    bytes += written.bytes.length;
    for (const { kind, text, form } of finder.find(written.bytes)) found.push(`${kind} ${text}, ${form}`);
  }
  page.check(
    found.length === 0,
    found.length === 0
      ? `of ${finder.patterns.toLocaleString('en')} spellings and hashes of people and points none stands in the ${bytes.toLocaleString('en')} bytes ever written on the chain`
      : `on the chain stands ${found.join('; ')}`,
  );
}
