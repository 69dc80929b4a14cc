import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChainClient, connectChain } from '@p2p-power/chain/ChainClient';
import { parseDeployment } from '@p2p-power/chain/Deployment';
import { Complaint } from '../Complaint.ts';
import { planNetwork } from '../network/NetworkPlan.ts';
import { readJsonFile } from '../readJsonFile.ts';

/** Which chain, as the command line names it. */
export interface ChainOptions {
  readonly deployment?: string;
  readonly rpc?: readonly string[];
  /** The folder of `p2p-power up`. */
  readonly data?: string;
}

/** Where a configuration says that the chain is. */
export interface ConfiguredChain {
  readonly rpcUrl: string | readonly string[];
  readonly deploymentFile: string;
}

/** The chain of the options, each of which goes before what the configuration says; complains where one is missing. */
export function openAuditChain(options: ChainOptions, configured?: ConfiguredChain): ChainClient {
  const up = options.data === undefined ? undefined : chainOfUp(options.data);
  const deploymentFile = options.deployment ?? up?.deploymentFile ?? configured?.deploymentFile;
  const rpcUrl = options.rpc ?? up?.rpcUrl ?? configured?.rpcUrl;
  if (deploymentFile === undefined || rpcUrl === undefined)
    throw new Complaint(
      `It is not known ${deploymentFile === undefined ? 'where the contracts are' : 'which node to ask'}.`,
      'Name both: --deployment FILE --rpc URL; or a provider: --config FILE; or a folder of p2p-power up: --data FOLDER',
    );
  const deployment = parseDeployment(readJsonFile(deploymentFile));
  if (!deployment.ok)
    throw new Complaint(
      `${deploymentFile} is no deployment file: ${deployment.detail}.`,
      'Every provider of the network has the right one (chain.deploymentFile of its configuration).',
    );
  return connectChain({ rpcUrl, deployment: deployment.value, timeoutMs: 60_000 });
}

function chainOfUp(folder: string): ConfiguredChain {
  let portBase: unknown;
  try {
    ({ portBase } = JSON.parse(readFileSync(join(folder, 'network.json'), 'utf8')) as { portBase?: unknown });
  } catch (error) {
    throw new Complaint(`${folder} is no folder of p2p-power up.`, 'Name one that is: --data FOLDER', {
      cause: error,
    });
  }
  return planNetwork(folder, Number(portBase)).chain;
}
