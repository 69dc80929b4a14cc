import { enodeOf, type KeyedBesuNetwork, type KeyedBesuProvider } from './BesuNetwork.ts';

/** The version whose documentation and source the files were written by; older ones lack what is needed (docs/network.md). */
export const besuVersion = '26.8.0';

/** Where a node's files lie on its machine, the same under systemd and in a container. */
export const nodePaths = {
  config: '/etc/besu',
  data: '/var/lib/besu',
} as const;

/** Port of the operator's WebSocket on the loopback, where the provider's own is not on the loopback. */
const operatorPort = 8546;
const metricsPort = 9545;

export type ConfigValue = string | number | boolean | readonly string[];

export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}

/**
 * The entries of a node's configuration file. Its JSON-RPC is the provider's own: on the loopback with the calls by which
 * validators are voted on; on another address without them, these then by WebSocket on the loopback.
 */
export function nodeConfigEntries(provider: KeyedBesuProvider): Readonly<Record<string, ConfigValue>> {
  const { p2pHost, p2pPort, rpcHost, rpcPort } = provider;
  const forProvider = ['ETH', 'NET', 'WEB3'];
  const rpc = isLoopback(rpcHost)
    ? { 'rpc-http-api': [...forProvider, 'QBFT'] }
    : {
        'rpc-http-api': forProvider,
        'rpc-ws-enabled': true,
        'rpc-ws-host': '127.0.0.1',
        'rpc-ws-port': operatorPort,
        'rpc-ws-api': ['QBFT'],
      };
  return {
    'genesis-file': `${nodePaths.config}/genesis.json`,
    'data-path': nodePaths.data,
    'node-private-key-file': `${nodePaths.config}/key`,
    'static-nodes-file': `${nodePaths.config}/static-nodes.json`,
    'permissions-nodes-config-file-enabled': true,
    'permissions-nodes-config-file': `${nodePaths.config}/permissions.toml`,
    'discovery-enabled': false,
    'nat-method': 'NONE',
    'p2p-host': p2pHost,
    'p2p-port': p2pPort,
    'sync-mode': 'FULL',
    'data-storage-format': 'BONSAI',
    'version-compatibility-protection': true,
    'min-gas-price': 0,
    'rpc-http-enabled': true,
    'rpc-http-host': rpcHost,
    'rpc-http-port': rpcPort,
    ...rpc,
    'host-allowlist': [...new Set(['localhost', '127.0.0.1', rpcHost])],
    'rpc-max-logs-range': 5_000,
    'metrics-enabled': true,
    'metrics-host': '127.0.0.1',
    'metrics-port': metricsPort,
    logging: 'INFO',
  };
}

const comments: Readonly<Record<string, string>> = {
  'genesis-file': 'The chain.',
  'permissions-nodes-config-file-enabled': 'The other nodes: these and no others.',
  'p2p-host':
    'The address under which the others reach this node; open this port to them, and no other port to anyone.',
  'sync-mode': 'A validator executes every block itself.',
  'min-gas-price': 'Gas is free. A node with another value drops everybody’s transactions without a word.',
  'rpc-http-enabled': 'JSON-RPC for the provider’s own server, and nobody else.',
  'rpc-max-logs-range': 'The provider’s server asks for 2,000 blocks at a time.',
  'metrics-enabled': 'For Prometheus.',
};

/** `config.toml` of a provider's node. */
export function makeNodeConfig(provider: KeyedBesuProvider): string {
  const lines = [`# Node of ${provider.providerId}, for Besu ${besuVersion} or newer.`];
  for (const [name, value] of Object.entries(nodeConfigEntries(provider))) {
    const comment = comments[name];
    if (comment !== undefined) lines.push('', `# ${comment}`);
    lines.push(`${name}=${JSON.stringify(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `static-nodes.json`: every node keeps a connection to each of these. The same file for all. */
export function makeStaticNodes(network: KeyedBesuNetwork): string {
  return `${JSON.stringify(network.providers.map(enodeOf), null, 2)}\n`;
}

/** `permissions.toml`: whom a node talks to at all. The same file for all. */
export function makePermissions(network: KeyedBesuNetwork): string {
  return `nodes-allowlist=${JSON.stringify(network.providers.map(enodeOf))}\n`;
}
