import { Command } from 'commander';
import { Interrupted } from '../network/Interrupted.ts';
import { planNetwork, portCount } from '../network/NetworkPlan.ts';
import { openPage } from '../Page.ts';
import { registerFile } from '../projectFiles.ts';

interface DemoOptions {
  readonly keep?: string;
  readonly register: boolean;
}

/** `p2p-power demo`: the story without a person. */
export function demoCommand(): Command {
  return new Command('demo')
    .summary('play one charge all the way, and check every promise')
    .description(
      'Brings a whole network up in a folder that is thrown away, on free ports, and plays a charge without a ' +
        'person: Anna charges at an offline garage station, the power is cut and returns, a stranger’s phone ' +
        'carries the sealed record, two providers check it and settle it in one transaction, the operator is ' +
        'paid, the driver has her statement. Prints it as it goes and checks every promise at the end.',
    )
    .option(
      '--keep <folder>',
      'play in this folder, and leave it: p2p-power up --data FOLDER goes on from there',
    )
    .option('--no-register', 'leave the Berlin register out')
    .addHelpText(
      'after',
      `
Exit code:
  0  everything held
  1  something did not; the lines with ✗ say what
  2  the network could not be brought up

Examples:
  npm run demo
  p2p-power demo > story.txt
  p2p-power demo --keep ./played && p2p-power up --data ./played`,
    )
    .action(async (options: DemoOptions) => {
      const { mkdtempSync, chmodSync, rmSync } = await import('node:fs');
      const { tmpdir } = await import('node:os');
      const { join } = await import('node:path');
      const { folderMode, openDataFolder } = await import('../network/DataFolder.ts');
      const { bringUpNetwork } = await import('../network/bringUpNetwork.ts');
      const { findFreePortBase } = await import('../network/checkPorts.ts');
      const { playStory } = await import('../story/playStory.ts');

      const page = openPage(process.stdout);
      const startedAt = performance.now();
      const path = options.keep ?? mkdtempSync(join(tmpdir(), 'p2p-power-demo-'));
      if (options.keep === undefined) chmodSync(path, folderMode);
      const portBase = await findFreePortBase(portCount);
      const providerIds = planNetwork('.').providers.map(({ providerId }) => providerId);
      const folder = openDataFolder({
        path,
        command: 'demo',
        portBase,
        defaultPortBase: portBase,
        providerIds,
      });
      const asked = new AbortController();
      const ask = () => asked.abort(new Interrupted());
      process.on('SIGINT', ask).on('SIGTERM', ask);
      try {
        page.section('A network on this machine');
        const plan = planNetwork(folder.path, portBase);
        const network = await bringUpNetwork(plan, folder, page, {
          speed: 1_000,
          signal: asked.signal,
          ...(options.register && { registerFile }),
        });
        try {
          await playStory(network, page, asked.signal);
        } finally {
          await page.during('everything stopped', network.stop);
        }
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        page.warn('stopped in the middle of the story');
        process.exitCode = 130;
        return;
      } finally {
        folder.release();
        if (options.keep === undefined) rmSync(path, { recursive: true, force: true });
        process.off('SIGINT', ask).off('SIGTERM', ask);
      }
      const { held, broken } = page.checks;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      page.section(
        broken === 0
          ? `All ${held} checks held, in ${seconds} s`
          : `${broken} of ${held + broken} checks broke`,
      );
      process.exitCode = broken === 0 ? 0 : 1;
    });
}
