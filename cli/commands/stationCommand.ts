import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { tellParent } from '../network/PartProcess.ts';
import { type OverridableEntry, overrideFromEnvironment } from '../overrideFromEnvironment.ts';
import { readJsonFile } from '../readJsonFile.ts';

/** What the environment may say in place of the configuration file. */
const entries: readonly (OverridableEntry & { readonly words: string })[] = [
  { name: 'P2P_POWER_STATION_EVSE_ID', path: ['evseId'], kind: 'text', words: 'EVSE-ID' },
  { name: 'P2P_POWER_STATION_HOST', path: ['listen', 'host'], kind: 'text', words: 'address to listen on' },
  { name: 'P2P_POWER_STATION_PORT', path: ['listen', 'port'], kind: 'number', words: 'port to listen on' },
  { name: 'P2P_POWER_STATION_DATA_DIR', path: ['dataDir'], kind: 'text', words: 'keys, provision, journal' },
  { name: 'P2P_POWER_STATION_ONLINE', path: ['online'], kind: 'flag', words: 'true or false' },
  { name: 'P2P_POWER_STATION_PROVIDER_URL', path: ['providerUrl'], kind: 'text', words: 'where to hand in' },
  { name: 'P2P_POWER_STATION_LINK_URL', path: ['linkUrl'], kind: 'text', words: 'where phones reach it' },
  { name: 'P2P_POWER_STATION_LOG_LEVEL', path: ['logLevel'], kind: 'text', words: 'silent … debug' },
];

/** `p2p-power station`: one charging point. */
export function stationCommand(): Command {
  return new Command('station')
    .summary('run one charging point')
    .description(
      'Runs the controller of one charging point: checks authorizations by itself, writes its journal before ' +
        'anything takes effect, charges, signs, and hands in when it can. The hardware is simulated, or a ' +
        'driver module (docs/drivers.md). docs/running.md explains the configuration file.',
    )
    .requiredOption('--config <file>', 'the configuration, JSON')
    .addHelpText(
      'after',
      `
Environment, in place of single entries of the file:
${entries.map(({ name, path, words }) => `  ${name.padEnd(32)} ${path.join('.').padEnd(12)} ${words}`).join('\n')}

Examples:
  p2p-power station --config station.json
  P2P_POWER_STATION_PORT=8130 p2p-power station --config station.json`,
    )
    .action(async ({ config: file }: { readonly config: string }) => {
      const { parseStationConfig } = await import('@p2p-power/station/StationConfig');
      const { runStation } = await import('@p2p-power/station/stationProgram');
      const json = overrideFromEnvironment(readJsonFile(file), entries, process.env);
      const config = parseStationConfig(json);
      if (!config.ok)
        throw new Complaint(
          `${file} is refused: ${config.refusal}: ${config.detail}.`,
          'p2p-power station --help and docs/running.md explain the entries.',
        );
      const station = await runStation(config.value).catch((error: unknown) => {
        throw new Complaint(
          `The station cannot run: ${(error as Error).message}`,
          `Its data: ${config.value.dataDir}`,
          {
            cause: error,
          },
        );
      });
      console.log(`station ${config.value.evseId} answers at ${station.url}, phones at ${station.linkUrl}`);
      tellParent((reason) => {
        console.log(`stopping: ${reason}`);
        void station.close().then(() => process.exit(0));
      });
    });
}
