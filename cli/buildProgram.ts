import { Command } from 'commander';
import { auditCommand } from './commands/auditCommand.ts';
import { chainCommand } from './commands/chainCommand.ts';
import { claimCommand } from './commands/claimCommand.ts';
import { consortiumCommand } from './commands/consortiumCommand.ts';
import { demoCommand } from './commands/demoCommand.ts';
import { keysCommand } from './commands/keysCommand.ts';
import { providerCommand } from './commands/providerCommand.ts';
import { simulateCommand } from './commands/simulateCommand.ts';
import { stationCommand } from './commands/stationCommand.ts';
import { upCommand } from './commands/upCommand.ts';
import { verifyCommand } from './commands/verifyCommand.ts';
import { witnessCommand } from './commands/witnessCommand.ts';

/** The whole command line: each part is a command with its own help. */
export function buildProgram(): Command {
  const program = new Command('p2p-power')
    .description(
      'Anyone may sell power at a charging point, any driver may charge there,\n' +
        'and pays on the electricity bill they already get.',
    )
    .version('0.1.0')
    // What stands after a command is its own.
    .enablePositionalOptions()
    .helpCommand('help [command]', 'tell all about one command')
    .showHelpAfterError('(p2p-power help tells all commands, p2p-power help COMMAND all about one)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false });
  const commands = [
    upCommand(),
    demoCommand(),
    verifyCommand(),
    auditCommand(),
    witnessCommand(),
    claimCommand(),
    simulateCommand(),
    providerCommand(),
    stationCommand(),
    chainCommand(),
    consortiumCommand(),
    keysCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return program;
}
