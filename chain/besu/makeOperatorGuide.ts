import { type Address, isAddressEqual } from 'viem';
import {
  faultsBorne,
  type KeyedBesuNetwork,
  type KeyedBesuProvider,
  leastValidators,
  validatorOf,
} from './BesuNetwork.ts';
import { besuVersion, nodePaths } from './makeNodeConfig.ts';
import { operatorAddress } from './makeNodeService.ts';
import { fingerprint } from './ValidatorKey.ts';

/** `README.md` in a provider's folder: from the files to a running node, and where the rest is written. */
export function makeOperatorGuide(
  network: KeyedBesuNetwork,
  provider: KeyedBesuProvider,
  options: {
    readonly genesis: string;
    /** Those that the genesis names. */
    readonly validators: readonly Address[];
    readonly hasKey: boolean;
  },
): string {
  const count = options.validators.length;
  const peers = network.providers.length - 1;
  const borne = faultsBorne(count);
  const warning =
    count < leastValidators
      ? `\n**${count} validators bear no failure: with any one down, no block is made.** Take ${leastValidators} or more in earnest.\n`
      : '';
  const joins = options.validators.some((one) => isAddressEqual(one, validatorOf(provider)))
    ? ''
    : '\nThis node is not among the validators of the genesis. It follows the chain from its start on; the validators vote it\nin (docs/network.md, "Join").\n';
  const key = options.hasKey
    ? `\`key\` is the private key of this node, made together with these files. Whoever made them could have copied it. Who
does not want that makes a key with \`p2p-power chain key\` and has only its public part put into the list.`
    : `There is no \`key\` here: it never left its owner. Put the file that \`p2p-power chain key\` wrote here, named \`key\`.`;
  return `# The chain node of ${provider.providerId}

Besu ${besuVersion} or newer, Java 21 or newer (the container brings its own). Chain ${network.chainId}, ${count} validators in its genesis,
a block every ${network.blockPeriodS} seconds; ${borne} of them may be down.
${warning}${joins}
These files are written by Besu's documentation and source. They were not run with a Besu of several validators by those
who wrote the program that makes them: try the network with nothing at stake before you settle on it.

| what | value |
|---|---|
| validator | \`${validatorOf(provider)}\` |
| other nodes reach it at | \`${provider.p2pHost}\`, TCP ${provider.p2pPort} |
| its provider's server reaches it at | \`http://${provider.rpcHost}:${provider.rpcPort}\` (\`chain.rpcUrl\`) |
| metrics | \`http://127.0.0.1:9545/metrics\` |
| fingerprint of \`genesis.json\` (Keccak-256) | \`${fingerprint(options.genesis)}\` |

Compare the fingerprint with the other providers before you start: one other byte is another chain.

## The key

${key}
It must be readable by the node's user only (\`chmod 600 key\`), and is to be kept in a second, safe place. Who has it can
validate in your name. A lost one is replaced by a vote of the others (docs/network.md, "A key is lost").

## Start, under systemd

\`\`\`sh
useradd --system --home-dir ${nodePaths.data} besu
install -d -o besu -g besu -m 700 ${nodePaths.config}
install -o besu -g besu -m 600 genesis.json static-nodes.json permissions.toml config.toml key ${nodePaths.config}/
cp besu.service /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now besu
\`\`\`

Besu itself belongs in \`/opt/besu\`.

## Start, in a container

\`\`\`sh
chown 1000:1000 key && chmod 600 key      # the image's user
docker compose up -d
\`\`\`

## Is it well

\`\`\`sh
curl -s http://127.0.0.1:9545/metrics | grep -E 'ethereum_(blockchain_height|peer_count)'
\`\`\`

The height rises every ${network.blockPeriodS} seconds and there are ${peers} peers. Blocks begin once ${count - borne} validators are up.
The validators are listed by \`qbft_getValidatorsByBlockNumber\` (\`["latest"]\`) at ${operatorAddress(provider)}.

Open TCP ${provider.p2pPort} to the other nodes' addresses, and nothing else to anyone. All else (joining, leaving, backing up,
upgrading, more than a third down, lost keys): docs/network.md of the program.
`;
}
