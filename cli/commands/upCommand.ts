import { Command, Option } from 'commander';
import { Interrupted } from '../network/Interrupted.ts';
import type { NetworkPlan } from '../network/NetworkPlan.ts';
import { defaultPortBase, listPorts, planNetwork } from '../network/NetworkPlan.ts';
import { openPage, type Page } from '../Page.ts';
import { defaultDataFolder, registerFile } from '../projectFiles.ts';
import { readWhole } from '../readOption.ts';

interface UpOptions {
  readonly data: string;
  readonly portBase?: number;
  readonly speed: number;
  readonly register: boolean;
}

/** `p2p-power up` (`npm start`): a whole network on this machine. */
export function upCommand(): Command {
  return new Command('up')
    .summary('bring up a whole network on this machine, and say where to click')
    .description(
      'Brings up a whole network on this machine: a chain with its contracts, two electricity providers each ' +
        'with a PostgreSQL of its own, the charging stations of Berlin on the map, five live stations (one of ' +
        'them offline), people, and the app. Everything listens on 127.0.0.1 only. What happens is kept in the ' +
        'data folder and is there again after a restart. Ctrl-C stops everything in order.',
    )
    .addOption(
      new Option('--data <folder>', 'where all state is kept').default(
        defaultDataFolder,
        '.p2p-power in the project',
      ),
    )
    .option(
      '--port-base <port>',
      `the first of the ports (default: the one of the last run, ${defaultPortBase} at first)`,
      readWhole(1024, 65_000),
    )
    .option('--speed <factor>', 'how many times as fast the simulated cars charge', readWhole(1, 10_000), 60)
    .option('--no-register', 'leave the Berlin register out: quicker, and only live stations on the map')
    .addHelpText(
      'after',
      `
Ports, counted from the base (${defaultPortBase}):
${listPorts(planNetwork('.'))
  .map(({ port, use }) => `  +${String(port - defaultPortBase).padEnd(3)} ${use}`)
  .join('\n')}

Environment:
  NO_COLOR    plain output on a terminal

Examples:
  npm start
  p2p-power up --port-base 9000
  p2p-power up --data /var/lib/p2p-power --speed 1`,
    )
    .action(async (options: UpOptions) => {
      const { openDataFolder } = await import('../network/DataFolder.ts');
      const { bringUpNetwork } = await import('../network/bringUpNetwork.ts');
      const { buildApp } = await import('@p2p-power/web/buildApp');
      const page = openPage(process.stdout);
      const folder = openDataFolder({
        path: options.data,
        command: 'up',
        defaultPortBase,
        providerIds: planNetwork('.').providers.map(({ providerId }) => providerId),
        ...(options.portBase !== undefined && { portBase: options.portBase }),
      });
      const asked = new AbortController();
      const ask = () => asked.abort(new Interrupted());
      process.on('SIGINT', ask).on('SIGTERM', ask);
      try {
        const plan = planNetwork(folder.path, folder.network.portBase);
        page.section(folder.isNew ? `A new network in ${folder.path}` : `The network in ${folder.path}`);
        const { outDir: webDir } = await page.during('app', () => buildApp());
        const network = await bringUpNetwork(plan, folder, page, {
          speed: options.speed,
          signal: asked.signal,
          webDir,
          ...(options.register && { registerFile }),
        });
        printWhereToClick(page, plan);
        await untilAborted(asked.signal);
        page.section('Stopping');
        await page.during('everything stopped, all is kept', network.stop);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        page.warn('stopped before it was up');
        process.exitCode = 130;
      } finally {
        folder.release();
        process.off('SIGINT', ask).off('SIGTERM', ask);
      }
    });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const alive = setInterval(() => {}, 3_600_000);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
}

function printWhereToClick(page: Page, plan: NetworkPlan): void {
  page.section('Where to click');
  for (const provider of plan.providers) {
    page.line(`${provider.name} (${provider.providerId})`);
    page.fact('app', `${provider.url}/`);
    page.fact('interface', `${provider.url}/docs`);
    for (const { name, role, email } of plan.people.filter((one) => one.providerId === provider.providerId))
      page.fact(`${role} ${name}`, `sign in as ${email}, password demo`);
    page.line();
  }
  page.line('Stations');
  for (const { name, linkUrl, online } of plan.stations)
    page.fact(
      online ? 'online' : 'offline',
      `${linkUrl.replace('ws:', 'http:').replace('/link', '/')}  ${name}`,
    );
  page.line();
  page.fact('chain', plan.chain.rpcUrl);
  page.fact('logs', plan.logFolder);
  page.line();
  page.line('Ctrl-C stops everything; npm start brings it back as it was.');
}
