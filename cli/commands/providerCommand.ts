import { environmentEntries, readProviderConfig } from '@p2p-power/provider/ProviderConfig';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { tellParent } from '../network/PartProcess.ts';

/** `p2p-power provider`: one electricity provider's server. */
export function providerCommand(): Command {
  return new Command('provider')
    .summary("run one electricity provider's server")
    .description(
      'Runs the server of one electricity provider: people, charging points, intake of charge detail records, ' +
        'ledger, peers, clearing, the interface and the app. Without databaseUrl it starts a PostgreSQL of its ' +
        'own in the data folder. docs/provider.md explains every entry of the configuration file.',
    )
    .requiredOption('--config <file>', 'the configuration, JSON')
    .addHelpText(
      'after',
      `
Environment, in place of single entries of the file:
${environmentEntries.map(({ name, path }) => `  ${name.padEnd(38)} ${path.join('.')}`).join('\n')}

Examples:
  p2p-power provider --config provider.json
  P2P_POWER_DATABASE_URL=postgresql://db.example/p2p p2p-power provider --config provider.json`,
    )
    .action(async ({ config: file }: { readonly config: string }) => {
      const { runProvider } = await import('@p2p-power/provider/runProvider');
      const config = readProviderConfig(file);
      if (!config.ok)
        throw new Complaint(
          `${file} is refused: ${config.refusal}:\n${config.detail}`,
          'p2p-power provider --help and docs/provider.md explain the entries.',
        );
      const provider = await runProvider(config.value).catch((error: unknown) => {
        throw new Complaint(
          `The provider cannot run: ${(error as Error).message}`,
          `Its data: ${config.value.dataDir}`,
          { cause: error },
        );
      });
      console.log(`provider ${config.value.providerId} answers at ${config.value.publicUrl}`);
      tellParent((reason) => {
        console.log(`stopping: ${reason}`);
        void provider.close().then(() => process.exit(0));
      });
    });
}
