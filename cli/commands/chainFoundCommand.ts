import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import { connectChain, probeChain } from '@p2p-power/chain/ChainClient';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import { deployContracts, parseDeployment } from '@p2p-power/chain/Deployment';
import { parseFoundingMembers } from '@p2p-power/chain/FoundingMembers';
import { takeSnapshot } from '@p2p-power/chain/Succession';
import type { Hex } from '@p2p-power/protocol/Hex';
import { openSecretFile } from '@p2p-power/provider/keys/openKeyFiles';
import { Command, InvalidArgumentError } from 'commander';
import { Complaint } from '../Complaint.ts';
import { writeFileWhole } from '../network/DataFolder.ts';
import { readJsonFile } from '../readJsonFile.ts';

interface FoundOptions {
  readonly rpc: string;
  readonly members: string;
  readonly accountKey: string;
  readonly out: string;
  readonly currency: string;
  readonly networkId?: Hex;
  readonly follow?: string;
}

/** `p2p-power chain found`: the consortium's contracts on a chain that runs. */
export function chainFoundCommand(): Command {
  return new Command('found')
    .summary("put the consortium's contracts on a chain that runs")
    .description(
      'Deploys the contracts of a new consortium with its founding members, and writes the deployment file that ' +
        'every provider names in its configuration (chain.deploymentFile). One of the founders does it, once; the ' +
        'account that pays for nothing (gas is free) keeps no power over the contracts. The others compare: members, ' +
        'keys and limits stand on the chain, and a provider’s server refuses a chain where the contracts are not.',
    )
    .requiredOption('--rpc <url>', 'a node of the chain')
    .requiredOption('--members <file>', 'JSON: the founding members (below)')
    .requiredOption('--account-key <file>', 'the key of the account that deploys, e.g. keys/account.hex')
    .requiredOption('--out <file>', 'where the deployment file goes; it must not be there')
    .option('--currency <code>', 'in which all is counted', readCurrency, 'EUR')
    .option(
      '--network-id <hex>',
      '32 bytes that all certificates and contracts name; default: random',
      readId,
    )
    .option(
      '--follow <file>',
      'the deployment file of a closed token whose successor this is: positions, tokens, network and currency are taken over',
    )
    .addHelpText(
      'after',
      `
The members, each by its own p2p-power keys FOLDER:
  [
    { "providerId": "DEAAA", "url": "https://provider.example",
      "account": "0x…",                       account of p2p-power keys
      "certificateKey": "0x…",                certificateKey.publicKey of p2p-power keys
      "issuanceLimitMicro": 5000000000000 },  what it may owe the others at most, in 10⁻⁶ of the currency
    …
  ]

Examples:
  p2p-power chain found --rpc http://127.0.0.1:8545 --members members.json \\
    --account-key ./provider/keys/account.hex --out deployment.json`,
    )
    .action(async (options: FoundOptions) => {
      const members = parseFoundingMembers(readJsonFile(options.members));
      if (!members.ok)
        throw new Complaint(
          `The members: ${members.detail}.`,
          'p2p-power chain found --help shows the file.',
        );
      if (existsSync(options.out))
        throw new Complaint(`${options.out} is there already.`, 'Name another file: --out FILE');
      if (!existsSync(options.accountKey))
        throw new Complaint(`${options.accountKey} is not there.`, 'Make it: p2p-power keys FOLDER');
      const signer = accountSigner(openSecretFile(options.accountKey));
      const { rpc: rpcUrl, currency } = options;
      const before =
        options.follow === undefined ? null : await readClosed(rpcUrl, options.follow).catch(explain);
      const networkId: Hex = before?.networkId ?? options.networkId ?? `0x${randomBytes(32).toString('hex')}`;
      const founding = {
        rpcUrl,
        signer,
        networkId,
        members: members.value,
        currency,
        ...(before !== null && { carryOver: before.carryOver }),
      };
      const deployment = await deployContracts(founding).catch(explain);
      await probeChain(connectChain({ rpcUrl, deployment }));
      writeFileWhole(options.out, `${JSON.stringify(deployment, null, 2)}\n`, 0o644);
      console.log(
        `${options.out}: the consortium of ${members.value.length} members on chain ${deployment.chainId}`,
      );
    });
}

/** What a successor takes over; complains where the token is not closed. */
async function readClosed(rpcUrl: string, file: string) {
  const deployment = parseDeployment(readJsonFile(file));
  if (!deployment.ok)
    throw new Complaint(`${file} is no deployment file: ${deployment.detail}.`, 'Name it: --follow FILE');
  const snapshot = await takeSnapshot(connectChain({ rpcUrl, deployment: deployment.value }));
  if (!snapshot.ok)
    throw new Complaint(
      `${file}: ${snapshot.refusal}, ${snapshot.detail}.`,
      'The members close the token first: p2p-power consortium propose close-token',
    );
  return { networkId: deployment.value.networkId, carryOver: snapshot.value.carryOver };
}

function readCurrency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('It is a code of ISO 4217, such as EUR.');
  return text;
}

function readId(text: string): Hex {
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('It is 0x and 64 hexadecimal digits.');
  return text as Hex;
}

function explain(error: unknown): never {
  if (error instanceof ChainFault && error.reason === 'rpc-unreachable')
    throw new Complaint(`${error.message}.`, 'Name a node that runs: --rpc URL', { cause: error });
  throw error;
}
