import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildWitnessRecords } from '@p2p-power/chain/audit/buildWitnessRecords';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import {
  signWitnessRecord,
  type WitnessFile,
  weekBegins,
  weekOf,
  witnessRecordId,
} from '@p2p-power/protocol/WitnessRecord';
import { openSignerFile } from '@p2p-power/provider/keys/openKeyFiles';
import { Command } from 'commander';
import { type ChainOptions, openAuditChain } from '../audit/openAuditChain.ts';
import { Complaint } from '../Complaint.ts';
import { writeFileWhole } from '../network/DataFolder.ts';
import { openPage, type Page } from '../Page.ts';
import { printTime } from '../printUnits.ts';
import { readWhole } from '../readOption.ts';
import { readWitnessFile } from '../verify/readWitnessFile.ts';

/** `p2p-power witness`: weekly roots for the world outside of the consortium. */
export function witnessCommand(): Command {
  const command = new Command('witness')
    .summary('publish and sign weekly records of the chain, outside of the consortium')
    .description(
      'A week’s record holds the root over all batches that were settled in it, its last block, and the record of ' +
        'the week before. Whoever has a node computes the same one. Once people outside of the consortium hold or ' +
        'sign it, not even all members together can rewrite that week unseen. docs/audit.md tells how to use it.',
    )
    .addHelpText(
      'after',
      `
Examples:
  p2p-power witness publish ./witness --deployment deployment.json --rpc https://node.example
  p2p-power keys --witness notary.pem
  p2p-power witness sign ./witness/week-2943.json --key notary.pem --name 'City notary'
  p2p-power verify receipt.json --proof proof.json --witness ./witness/week-2943.json`,
    );
  command.addCommand(publishCommand());
  command.addCommand(signCommand());
  return command;
}

interface PublishOptions extends ChainOptions {
  readonly week?: number;
}

function publishCommand(): Command {
  return new Command('publish')
    .summary('write the records of all weeks that are over')
    .description(
      'Writes week-<number>.json for each week that is over and has no file in the folder yet. A record that is ' +
        'there already is computed again: if the chain now says otherwise, its past was rewritten; that ends with 1 ' +
        'and nothing is written.',
    )
    .argument('<folder>', 'where the records are; made if missing')
    .option('--deployment <file>', 'where the contracts are: the network’s deployment file')
    .option('--rpc <url...>', 'a node of the chain, anybody’s')
    .option('--data <folder>', 'both of these, of a network that p2p-power up made')
    .option('--week <number>', 'up to this week (else the last one that is over)', readWhole(0, 1_000_000))
    .addHelpText(
      'after',
      `
Exit code:
  0  all records are there
  1  the chain contradicts a record that was published before
  2  the chain or a file cannot be read, or no week is over yet

Examples:
  p2p-power witness publish ./witness --data .p2p-power`,
    )
    .action(async (folder: string, options: PublishOptions) => {
      const client = openAuditChain(options);
      const page = openPage(process.stdout);
      try {
        const head = await client.rpc.getBlock();
        const toWeek = options.week ?? weekOf(Number(head.timestamp)) - 1;
        const built = await buildWitnessRecords(client, toWeek, null);
        if (!built.ok)
          throw new Complaint(
            `There is no record of week ${toWeek} yet: ${built.refusal}: ${built.detail}.`,
            `It is over at ${printTime(weekBegins(toWeek + 1))}, when the chain has a block after it.`,
          );
        process.exitCode = publish(page, folder, built.value);
      } catch (error) {
        if (error instanceof ChainFault)
          throw new Complaint(`The chain cannot be read: ${error.message}.`, 'Name another node: --rpc URL', {
            cause: error,
          });
        throw error;
      }
    });
}

/** Writes what is not there yet; answers the exit code. */
function publish(page: Page, folder: string, records: readonly WitnessFile[]): number {
  mkdirSync(folder, { recursive: true });
  const published = new Map(
    readdirSync(folder)
      .filter((name) => /^week-\d+\.json$/.test(name))
      .map((name) => readWitnessFile(join(folder, name)))
      .map((file) => [file.record.week, file]),
  );
  page.section('Records of weeks');
  let contradicted = 0;
  for (const file of records) {
    const before = published.get(file.record.week);
    if (before === undefined || witnessRecordId(before) === witnessRecordId(file)) continue;
    contradicted += 1;
    page.check(
      false,
      `week ${file.record.week}: the chain says otherwise than the record that was published`,
    );
    page.fact('published', witnessRecordId(before));
    page.fact('now', witnessRecordId(file));
  }
  if (contradicted > 0) return 1;
  for (const file of records) {
    const name = `week-${file.record.week}.json`;
    const isNew = !published.has(file.record.week);
    if (isNew) writeFileWhole(join(folder, name), `${JSON.stringify(file, null, 2)}\n`, 0o644);
    page.check(true, `${name}${isNew ? '' : ' (was there)'}: ${file.record.batchCount} batches`);
    page.fact('record', witnessRecordId(file));
  }
  return 0;
}

interface SignOptions {
  readonly key: string;
  readonly name: string;
}

function signCommand(): Command {
  return new Command('sign')
    .summary('sign a record, as somebody outside of the consortium')
    .description(
      'Adds your signature to a record: that it was there at this time. Compute the record yourself first ' +
        '(witness publish with a node that you trust), or sign only that you saw it.',
    )
    .argument('<file>', 'the record, as witness publish wrote it')
    .requiredOption('--key <file>', 'your key: p2p-power keys --witness FILE makes one')
    .requiredOption('--name <name>', 'who you are, for people; 1 to 32 ASCII characters')
    .addHelpText(
      'after',
      `
Examples:
  p2p-power witness sign week-2943.json --key notary.pem --name 'City notary'`,
    )
    .action(async (file: string, { key, name }: SignOptions) => {
      if (!existsSync(key))
        throw new Complaint(`There is no key ${key}.`, `Make one: p2p-power keys --witness ${key}`);
      if (!/^[\x20-\x7e]{1,32}$/.test(name))
        throw new Complaint(`${JSON.stringify(name)} cannot be signed.`, 'Use 1 to 32 ASCII characters.');
      const record = readWitnessFile(file);
      const signer = openSignerFile(key);
      const signed = await signWitnessRecord(record, {
        signer,
        name,
        signedAt: Math.floor(Date.now() / 1000),
      });
      writeFileWhole(file, `${JSON.stringify(signed, null, 2)}\n`, 0o644);
      const page = openPage(process.stdout);
      page.check(true, `${basename(file)} is signed by ${name}`);
      page.fact('record', witnessRecordId(signed));
      page.fact('key', signer.publicKey);
    });
}
