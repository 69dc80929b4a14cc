import { Command } from 'commander';
import { actionUsage } from '../consortium/readAction.ts';
import type { ConsortiumOptions, ConsortiumStep } from '../consortium/runConsortiumCommand.ts';

/** `p2p-power consortium`: what the members decide together. */
export function consortiumCommand(): Command {
  const consortium = new Command('consortium')
    .summary('see and vote on what the members decide together')
    .description(
      'Who the members are, what they owe, and what is put to the vote. More than half of those who may vote ' +
        'decide; who does not vote is against it. Also the end of a token: what everybody had in it, whether a ' +
        'successor is founded on just that, and carrying everybody over (docs/decisions/0005-succession.md).',
    )
    .addHelpText(
      'after',
      `
Exit code:
  0  done, or done before
  1  refused; the reason is named (docs/contracts.md)
  2  a file or the chain cannot be read; running again is safe

Examples:
  p2p-power consortium show --deployment deployment.json --rpc http://127.0.0.1:8545
  p2p-power consortium propose suspend DEAAA --key keys/account.hex --data .p2p-power
  p2p-power consortium vote 0x… --key keys/account.hex --data .p2p-power
  p2p-power consortium snapshot --next next.json --deployment deployment.json --rpc http://127.0.0.1:8545`,
    );
  consortium.addCommand(
    step('show', 'members, positions, open proposals').action(run(() => ({ step: 'show' }))),
  );
  consortium.addCommand(
    step('propose', 'put something to the vote, with one’s own vote')
      .argument('<action>', 'what to do')
      .argument('[arguments...]', 'with whom or what')
      .requiredOption('--key <file>', 'the key of the member’s account')
      .addHelpText('after', `\nActions:${actionUsage}`)
      .action((action: string, args: string[], options: ConsortiumOptions) =>
        execute({ step: 'propose', action, args }, options),
      ),
  );
  for (const [name, summary, whose] of [
    ['vote', 'vote for a proposal', 'the member’s account'],
    ['execute', 'carry out what enough voted for', 'any account'],
  ] as const)
    consortium.addCommand(
      step(name, summary)
        .argument('<proposal>', 'its id, as show lists it')
        .requiredOption('--key <file>', `the key of ${whose}`)
        .action((proposalId: string, options: ConsortiumOptions) =>
          execute({ step: name, proposalId }, options),
        ),
    );
  consortium.addCommand(
    step('snapshot', 'what everybody had in a closed token, and whether a successor carries just that')
      .option('--next <file>', 'the successor’s deployment file')
      .action(run(() => ({ step: 'snapshot' }))),
  );
  consortium.addCommand(
    step('carry-over', 'pay everybody in the successor what they had')
      .requiredOption('--next <file>', 'the successor’s deployment file')
      .requiredOption('--key <file>', 'the key of any account')
      .action(run(() => ({ step: 'carry-over' }))),
  );
  return consortium;
}

function step(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .description(summary)
    .option('--deployment <file>', 'where the contracts are: the network’s deployment file')
    .option('--rpc <url...>', 'a node of the chain; several are tried in this order')
    .option('--data <folder>', 'both of these, of a network that p2p-power up made');
}

const run = (of: () => ConsortiumStep) => (options: ConsortiumOptions) => execute(of(), options);

async function execute(of: ConsortiumStep, options: ConsortiumOptions): Promise<void> {
  const { runConsortiumCommand } = await import('../consortium/runConsortiumCommand.ts');
  process.exitCode = await runConsortiumCommand(of, options);
}
