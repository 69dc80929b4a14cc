import { type PersonalText, personalDataFinder } from '@p2p-power/chain/audit/findPersonalData';
import { readAllWritten } from '@p2p-power/chain/audit/readAllWritten';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { AuditFinding } from './AuditFinding.ts';

/** Texts looked for at once; each has some fifty patterns. */
const textsAtOnce = 2_000;

/**
 * Looks for every person and point of a provider's books in everything that was ever written on the chain:
 * eMAIDs, EVSE-IDs, names, e-mail addresses, addresses, sign-in subjects; plain or as an unsalted hash, in
 * all the forms of `personalDataFinder`. Answers how many texts and bytes it has looked at. The chain is
 * read once for each 2,000 texts.
 */
export async function auditPrivacy(
  client: ChainClient,
  books: { readonly db: Kysely<Database>; readonly providerId: string },
  say: (finding: AuditFinding) => void,
): Promise<{ readonly texts: number; readonly bytes: number }> {
  let [texts, bytes] = [0, 0];
  let last: PersonalText | null = null;
  for (;;) {
    const page = await personalTexts(books.db, books.providerId, last, textsAtOnce);
    if (page.length === 0) return { texts, bytes };
    texts += page.length;
    const finder = personalDataFinder(page);
    bytes = 0;
    for await (const written of readAllWritten(client)) {
      bytes += written.bytes.length;
      for (const find of finder.find(written.bytes))
        say({
          name: 'personal-data-on-chain',
          detail: `${find.kind} ${JSON.stringify(find.text)} stands in ${written.what} at byte ${find.offset}, ${find.form}`,
          txHash: written.hash,
          blockNumber: written.blockNumber,
        });
    }
    last = page.at(-1) ?? null;
  }
}

/** What a provider knows of people and points, by kind and text, after one of them. */
export async function personalTexts(
  db: Kysely<Database>,
  providerId: string,
  after: PersonalText | null,
  limit: number,
): Promise<readonly PersonalText[]> {
  const { rows } = await sql<{ kind: string; text: string }>`
    select kind, text from (
      select 'eMAID' as kind, emaid as text from driver_certificate
      union select 'eMAID', emaid from charge
      union select 'EVSE-ID', evse_id from charge
      union select 'EVSE-ID', evse_id from evse where provider_id = ${providerId}
      union select 'name', name from driver
      union select 'e-mail', email from driver
      union select 'subject', subject from driver
      union select 'name', name from operator
      union select 'e-mail', email from operator
      union select 'address', address from location where provider_id = ${providerId}
    ) as personal (kind, text)
    where text is not null and length(text) >= 3
      and (${after === null} or (kind collate "C", text collate "C") > (${after?.kind ?? ''}, ${after?.text ?? ''}))
    order by kind collate "C", text collate "C" limit ${limit}`.execute(db);
  return rows;
}
