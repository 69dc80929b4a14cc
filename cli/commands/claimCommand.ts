import { Command } from 'commander';
import type { ClaimOptions } from '../claim/runClaimCommand.ts';

/** `p2p-power claim`: a charge collected by its evidence, without any provider's help. */
export function claimCommand(): Command {
  const claim = new Command('claim')
    .summary('collect a charge by its evidence, without any provider')
    .description(
      'Claims a charge on the chain for its operator, by nothing but the evidence: where the drivers’ provider ' +
        'is silent, or the operator’s own does nothing. The contract checks every signature, computes the price ' +
        'anew, waits for the window in which the debtor may object, and pays to the operator’s account.\n\n' +
        'The evidence is what GET /operator/charges/{cdrId}/evidence answers (with the proof that it was handed ' +
        'in in time), or a receipt. Who is no member leaves the agreement’s dispute fee in tokens as a bond, and ' +
        'gets it back when the claim is paid.',
    )
    .addHelpText(
      'after',
      `
Exit code:
  0  done, or done before
  1  the contract refuses; its reason is named (docs/disputes.md)
  2  a file or the chain cannot be read; running again is safe

Examples:
  p2p-power claim raise --evidence charge.json --key wallet.hex --deployment deployment.json --rpc https://node.example
  p2p-power claim show --evidence charge.json --data .p2p-power
  p2p-power claim pay --evidence charge.json --key wallet.hex --data .p2p-power`,
    );
  claim.addCommand(step('raise', 'claim it; the window for objections begins', true));
  claim.addCommand(step('show', 'say where the claim stands', false));
  claim.addCommand(step('record', 'show the meter’s record, where the debtor demanded it', true));
  claim.addCommand(step('pay', 'have it paid, once the window has closed', true));
  return claim;
}

function step(name: ClaimOptions['step'], summary: string, needsKey: boolean): Command {
  const command = new Command(name)
    .summary(summary)
    .description(summary)
    .requiredOption('--evidence <file>', 'the evidence of the charge, with its proofs or without')
    .option('--direction <direction>', 'charge, or credit: what a discharge gave the driver', 'charge')
    .option('--deployment <file>', 'where the contracts are: the network’s deployment file')
    .option('--rpc <url...>', 'a node of the chain, anybody’s; several are tried in this order')
    .option('--data <folder>', 'both of these, of a network that p2p-power up made')
    .option('--json', 'print the outcome as JSON');
  if (needsKey) command.requiredOption('--key <file>', 'the private key of any account, 32 bytes of hex');
  return command.action(async (options: Omit<ClaimOptions, 'step'>) => {
    const { runClaimCommand } = await import('../claim/runClaimCommand.ts');
    process.exitCode = await runClaimCommand({ ...options, step: name });
  });
}
