import { startAnvil } from '@p2p-power/chain/Anvil';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { tellParent } from '../network/PartProcess.ts';
import { readWhole } from '../readOption.ts';
import { chainFoundCommand } from './chainFoundCommand.ts';
import { chainInitCommand } from './chainInitCommand.ts';
import { chainKeyCommand } from './chainKeyCommand.ts';

interface ChainOptions {
  readonly data?: string;
  readonly port: number;
  readonly chainId?: number;
}

/** `p2p-power chain`: the development chain alone; its subcommands prepare one that providers run together. */
export function chainCommand(): Command {
  return (
    new Command('chain')
      .summary('run the development chain, or prepare one that providers run together')
      .description(
        'Runs a development chain (Anvil) on 127.0.0.1. With --data every transaction is in a journal on disk ' +
          'before it takes effect: killed at any moment, it comes back as the same chain. One machine and one ' +
          'operator: for development and demonstrations.\n\n' +
          'In earnest providers run a chain together, each a validator of a Hyperledger Besu network (QBFT): `key` ' +
          'makes a validator’s key, `init` writes everybody’s files, `found` puts the contracts on the running ' +
          'chain. docs/network.md tells the whole way, and what of it was tried.',
      )
      // What stands after a subcommand is its own.
      .enablePositionalOptions()
      .option('--data <folder>', 'where the journal is kept; without it the chain is forgotten at the end')
      .option('--port <port>', 'the port to listen on; 0 takes any free one', readWhole(0, 65_535), 8545)
      .option('--chain-id <number>', 'the id of a new chain (default 20160)', readWhole(1, 2 ** 31))
      .addHelpText(
        'after',
        `
Examples:
  p2p-power chain --port 8545
  p2p-power chain --data ./chain --port 8545
  p2p-power chain init --providers providers.json --out ./network
  p2p-power chain init --help`,
      )
      .action(async ({ data, port, chainId }: ChainOptions) => {
        const anvil = await startAnvil({
          port,
          ...(data !== undefined && { folder: data }),
          ...(chainId !== undefined && { chainId }),
        }).catch(explain);
        console.log(`the chain answers at ${anvil.rpcUrl}`);
        tellParent((reason) => {
          console.log(`stopping: ${reason}`);
          void anvil.stop().then(() => process.exit(0));
        });
      })
      .addCommand(chainKeyCommand())
      .addCommand(chainInitCommand())
      .addCommand(chainFoundCommand())
  );
}

function explain(error: unknown): never {
  if (error instanceof ChainFault && error.reason === 'rpc-unreachable')
    throw new Complaint(`${error.message}.`, 'Choose another port: --port PORT', { cause: error });
  if (error instanceof ChainFault && error.reason === 'wrong-chain')
    throw new Complaint(`${error.message}.`, 'Leave out --chain-id, or name another folder: --data FOLDER', {
      cause: error,
    });
  throw error;
}
