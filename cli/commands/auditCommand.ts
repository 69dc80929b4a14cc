import { Command } from 'commander';
import type { AuditOptions } from '../audit/runAuditCommand.ts';

/** `p2p-power audit`: what the chain says, what a provider's books say, and where the two differ. */
export function auditCommand(): Command {
  return new Command('audit')
    .summary('check the whole chain, and a provider’s books beside it; or one receipt')
    .description(
      'Replays the chain from any node, from the contracts’ first block on, and says what does not add up: ' +
        'positions, supply, pots, claims with their proofs, redemptions, votes.\n\n' +
        'With --config it also checks that provider’s books: every batch is built anew from the evidence in the ' +
        'database (count, energy, total, fee, both Merkle roots), every id is computed from the signed words, ' +
        'and payouts, ledger entries, redemptions and the position are held against the chain. It only reads. ' +
        'Stopped or killed, it goes on where it was.\n\n' +
        'With --receipt it says of one charge in which batch, block and transaction it was settled, with proof, ' +
        'whether it was forced, and what the operator got.',
    )
    .option('--deployment <file>', 'where the contracts are: the network’s deployment file')
    .option('--rpc <url...>', 'a node of the chain, anybody’s; several are tried in this order')
    .option('--data <folder>', 'both of these, of a network that p2p-power up made')
    .option('--config <file>', 'the configuration of a provider whose books to check; also names the chain')
    .option('--state <file>', 'where to keep how far it is (with --config: audit.state in the dataDir)')
    .option('--fresh', 'begin at the beginning, whatever an earlier run has checked')
    .option(
      '--signatures',
      'judge all evidence anew, with its signatures and prices; about ten times as long',
    )
    .option(
      '--privacy',
      'also look for every person and point of the books in all that was ever written on the chain',
    )
    .option('--receipt <file>', 'audit one charge: the driver’s receipt; - reads it from standard input')
    .option('--proof <file>', 'the proof of settlement, where no provider is to be asked for it')
    .option('--provider <url>', 'the provider to ask for the proof (else the one that the chain names)')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Exit code:
  0  everything adds up; of a receipt: it was settled, and the chain proves it
  1  something does not: each finding is named, docs/audit.md says what it means
  2  a file, the database or the chain cannot be read; running again goes on
  3  of a receipt: no settlement is known (yet)

Examples:
  p2p-power audit --data .p2p-power
  p2p-power audit --deployment deployment.json --rpc https://node.example
  p2p-power audit --config provider.json
  p2p-power audit --config provider.json --fresh --signatures --json > audit.json
  p2p-power audit --receipt receipt.json --deployment deployment.json --rpc https://node.example`,
    )
    .action(async (options: AuditOptions) => {
      const { runAuditCommand } = await import('../audit/runAuditCommand.ts');
      process.exitCode = await runAuditCommand(options);
    });
}
