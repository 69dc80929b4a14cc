import { text } from 'node:stream/consumers';
import { connectChain } from '@p2p-power/chain/ChainClient';
import { openBooks } from '../audit/openBooks.ts';
import { runAudit } from '../audit/runAudit.ts';
import { openDatabase } from '../database/openDatabase.ts';

/**
 * A program of its own that audits, and kills itself (SIGKILL) once it has checked so many charges: JSON on
 * standard input, `{rpcUrl, deployment, databaseUrl, providerId, stateFile, killAtCharges}`; the report on
 * standard output.
 */
const given = JSON.parse(await text(process.stdin));
const client = connectChain({ rpcUrl: given.rpcUrl, deployment: given.deployment });
const db = openDatabase(given.databaseUrl, { poolSize: 2 });
const done = await runAudit({
  client,
  books: await openBooks(client, db, { providerId: given.providerId }),
  stateFile: given.stateFile,
  stateEveryMs: 0,
  onProgress({ charges }) {
    if (given.killAtCharges !== null && charges >= given.killAtCharges) process.kill(process.pid, 'SIGKILL');
  },
});
await db.destroy();
process.stdout.write(JSON.stringify(done.ok ? done.value : done));
