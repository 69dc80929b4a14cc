import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type BesuNetworkRefusal,
  faultsBorne,
  leastValidators,
  parseBesuNetwork,
} from '@p2p-power/chain/besu/BesuNetwork';
import { planFiles, readValidators } from '@p2p-power/chain/besu/planFiles';
import { fingerprint } from '@p2p-power/chain/besu/ValidatorKey';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { readJsonFile } from '../readJsonFile.ts';
import { readWhole } from '../readOption.ts';

interface InitOptions {
  readonly providers: string;
  readonly out: string;
  readonly chainId?: number;
  readonly genesis?: string;
  readonly fewValidators?: boolean;
}

/** `p2p-power chain init`: everybody's files for a Besu QBFT network. */
export function chainInitCommand(): Command {
  return new Command('init')
    .summary('write the files of a Besu QBFT network of the providers')
    .description(
      'Writes for each provider a folder with all that its node needs: genesis, list of nodes, configuration, ' +
        'compose file, systemd unit, and a guide. Gas is free, the contracts’ signature check (EIP-7951) is there ' +
        'from the first block, each node talks to the listed nodes only, its RPC to its own provider only.\n\n' +
        'A provider that brings a public key (p2p-power chain key) keeps its private key to itself; for the others ' +
        'one is made, in their folder, for its owner only. The same list with all public keys (network.json) gives ' +
        'the same genesis byte for byte: let every provider make it and compare the fingerprint.\n\n' +
        'The files follow Besu’s documentation and are checked against it; they were not run with several ' +
        'validators here. docs/network.md says what was tried and what was not.',
    )
    .requiredOption(
      '--providers <file|list>',
      'a JSON file (below), or ID=ADDRESS[:PORT],… such as DEAAA=192.0.2.1,DEBBB=192.0.2.2:30304',
    )
    .requiredOption('--out <folder>', 'where the files go; a folder that is empty or not there')
    .option(
      '--chain-id <number>',
      'the chain’s id; by default that of the file, else any (signatures for one chain are void on another)',
      readWhole(1, 2 ** 32),
    )
    .option(
      '--genesis <file>',
      'of a network that runs: keep its genesis, write the files for all of the list',
    )
    .option(
      '--few-validators',
      `allow fewer than ${leastValidators}, which bear no failure at all; for trials`,
    )
    .addHelpText(
      'after',
      `
The file, all but providerId and p2pHost with these defaults:
  {
    "chainId": 5280117,
    "blockPeriodS": 5,
    "balances": {},
    "providers": [
      { "providerId": "DEAAA", "p2pHost": "192.0.2.1", "p2pPort": 30303,
        "rpcHost": "127.0.0.1", "rpcPort": 8545, "publicKey": null },
      …
    ]
  }

  p2pHost    the IP address at which the other nodes reach this one
  rpcHost    the address at which the provider's own server reaches it; beyond 127.0.0.1 the node
             answers there without the calls by which validators are voted on
  publicKey  of the validator's key, from p2p-power chain key

Examples:
  p2p-power chain init --providers providers.json --out ./network
  p2p-power chain init --providers DEAAA=192.0.2.1,DEBBB=192.0.2.2,DECCC=192.0.2.3,DEDDD=192.0.2.4 --out ./network
  p2p-power chain init --providers network/network.json --out ./compared
  p2p-power chain init --providers five.json --genesis network/genesis.json --out ./network-of-five`,
    )
    .action((options: InitOptions) => {
      const list = readList(options.providers);
      const chainId = options.chainId ?? chainIdOf(list);
      const parsed = parseBesuNetwork(list, { chainId, allowFew: options.fewValidators === true });
      if (!parsed.ok) throw new Complaint(`The providers: ${parsed.detail}.`, mends[parsed.refusal]);
      const genesis = options.genesis === undefined ? undefined : readGenesis(options.genesis, chainId);
      const planned = planFiles(parsed.value, genesis === undefined ? {} : { genesis });

      if (existsSync(options.out) && readdirSync(options.out).length > 0)
        throw new Complaint(`${options.out} is not empty.`, 'Name another folder: --out FOLDER');
      for (const { path, text, mode } of planned.files) {
        const file = join(options.out, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text, { mode, flag: 'wx', flush: true });
      }
      const count = parsed.value.providers.length;
      console.log(
        [
          `${options.out}: chain ${chainId}, ${count} validators, ${faultsBorne(count)} of which may be down`,
          `genesis ${fingerprint(planned.genesis)}`,
          ...(planned.keysMade.length === 0
            ? []
            : [
                `private keys were made here for ${planned.keysMade.join(', ')}: hand each folder to its owner only`,
              ]),
          ...(count < leastValidators ? [`${count} validators bear no failure: for trials only`] : []),
        ].join('\n'),
      );
    });
}

const mends: Readonly<Record<BesuNetworkRefusal, string>> = {
  'network-malformed': 'p2p-power chain init --help shows the file.',
  'provider-twice': 'Name each provider once.',
  'node-twice': 'Give each node an address and a key of its own.',
  'too-few-validators': `Name ${leastValidators} or more; for a trial with fewer: --few-validators`,
};

/** The file's JSON, or the list that stands on the command line itself. */
function readList(providers: string): unknown {
  if (!/^[A-Z0-9]{5}=/.test(providers)) return readJsonFile(providers);
  return providers.split(',').map((entry) => {
    const [providerId, place = ''] = entry.split('=');
    const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? [];
    const p2pHost = host.replace(/^\[|\]$/g, '');
    return { providerId, p2pHost, ...(port !== undefined && { p2pPort: Number(port) }) };
  });
}

function chainIdOf(list: unknown): number {
  const named = (list as { readonly chainId?: unknown } | null)?.chainId;
  return typeof named === 'number' ? named : randomInt(1_000_000, 2 ** 31);
}

function readGenesis(file: string, chainId: number): string {
  const genesis = readJsonFile(file) as { readonly config?: { readonly chainId?: unknown } } | null;
  if (genesis?.config?.chainId !== chainId)
    throw new Complaint(
      `${file} is not the genesis of chain ${chainId}.`,
      'Give the chain’s id: --chain-id NUMBER',
    );
  const text = readFileSync(file, 'utf8');
  try {
    readValidators(text);
  } catch (error) {
    throw new Complaint(
      `${file}: ${(error as Error).message}.`,
      'Name the genesis that the network began with.',
      {
        cause: error,
      },
    );
  }
  return text;
}
