import { type Address, type Hex, isHex } from 'viem';
import type { BesuNetwork, KeyedBesuNetwork } from './BesuNetwork.ts';
import { makeGenesis } from './makeGenesis.ts';
import { makeNodeConfig, makePermissions, makeStaticNodes } from './makeNodeConfig.ts';
import { makeComposeFile, makeSystemdUnit } from './makeNodeService.ts';
import { makeOperatorGuide } from './makeOperatorGuide.ts';
import { decodeQbftExtraData } from './QbftExtraData.ts';
import { newValidatorKey, type ValidatorKey } from './ValidatorKey.ts';

/** A file to be written, its path counted from the network's folder. */
export type PlannedFile = { readonly path: string; readonly text: string; readonly mode: number };

export type PlannedNetwork = {
  readonly network: KeyedBesuNetwork;
  readonly genesis: string;
  readonly files: readonly PlannedFile[];
  /** Whose key was made here. */
  readonly keysMade: readonly string[];
};

/** Public files are for everyone on the machine; a private key, and nothing else, for its owner only. */
const [publicMode, secretMode] = [0o644, 0o600];

/**
 * All files of a network: `network.json`, `genesis.json` and, in a folder for each provider, what its node needs. A
 * provider that brings no public key gets a fresh key in its folder.
 *
 * @param options.genesis of a network that runs already: taken as it is, so that the list may name nodes that join
 */
export function planFiles(
  network: BesuNetwork,
  options: { readonly genesis?: string; readonly newKey?: () => ValidatorKey } = {},
): PlannedNetwork {
  const newKey = options.newKey ?? newValidatorKey;
  const made = new Map<string, Hex>();
  const providers = network.providers.map((provider) => {
    if (provider.publicKey !== null) return { ...provider, publicKey: provider.publicKey };
    const key = newKey();
    made.set(provider.providerId, key.privateKey);
    return { ...provider, publicKey: key.publicKey };
  });
  const keyed: KeyedBesuNetwork = { ...network, providers };
  const genesis = options.genesis ?? `${JSON.stringify(makeGenesis(keyed), null, 2)}\n`;
  const validators = readValidators(genesis);
  const shared = {
    'genesis.json': genesis,
    'static-nodes.json': makeStaticNodes(keyed),
    'permissions.toml': makePermissions(keyed),
  };
  const files: PlannedFile[] = [
    { path: 'network.json', text: describeNetwork(keyed), mode: publicMode },
    { path: 'genesis.json', text: genesis, mode: publicMode },
  ];
  for (const provider of providers) {
    const privateKey = made.get(provider.providerId);
    const texts = {
      ...shared,
      'config.toml': makeNodeConfig(provider),
      'compose.yaml': makeComposeFile(provider),
      'besu.service': makeSystemdUnit(provider),
      'README.md': makeOperatorGuide(keyed, provider, {
        genesis,
        validators,
        hasKey: privateKey !== undefined,
      }),
    };
    for (const [name, text] of Object.entries(texts))
      files.push({ path: `${provider.providerId}/${name}`, text, mode: publicMode });
    if (privateKey !== undefined)
      files.push({ path: `${provider.providerId}/key`, text: `${privateKey}\n`, mode: secretMode });
  }
  return { network: keyed, genesis, files, keysMade: [...made.keys()] };
}

/** The validators of a genesis file; throws if it is none of a QBFT network. */
export function readValidators(genesis: string): readonly Address[] {
  const { extraData } = JSON.parse(genesis) as { readonly extraData?: unknown };
  const extra = decodeQbftExtraData(isHex(extraData) ? extraData : '0x');
  if (!extra.ok) throw new Error(`not the genesis of a QBFT network: ${extra.detail}`);
  return extra.value.validators;
}

/** The list again, with everybody's public key: from it anyone makes the same genesis. */
function describeNetwork(network: KeyedBesuNetwork): string {
  const { chainId, blockPeriodS, balances, providers } = network;
  const amounts = Object.fromEntries(
    Object.entries(balances).map(([account, amount]) => [account, amount.toString()]),
  );
  return `${JSON.stringify({ chainId, blockPeriodS, balances: amounts, providers }, null, 2)}\n`;
}
