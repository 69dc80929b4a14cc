import { openDatabase } from '../database/openDatabase.ts';
import { handIn } from '../intake/handIn.ts';
import { openProvider } from '../openProvider.ts';
import { testConfig } from './testProvider.ts';

/**
 * A program of its own that takes segments in until it is killed: lines of JSON on standard input, each
 * a segment, answered with its segment id on standard output when it is acknowledged. The first line is
 * `{databaseUrl, dataDir, networkId, providerId, nowS, peers}`.
 */
let rest = '';
let provider: Awaited<ReturnType<typeof openProvider>> | undefined;
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const json = JSON.parse(line);
    if (provider === undefined) {
      const { databaseUrl, nowS, ...config } = json;
      const db = openDatabase(databaseUrl, { poolSize: 4 });
      provider = await openProvider(testConfig({ ...config, checkThreads: 1 }), {
        db,
        clock: { nowS: () => nowS },
      });
      process.stdout.write('ready\n');
      continue;
    }
    const [result] = await handIn(provider.context, [json]);
    process.stdout.write(`${result?.acknowledgement?.value.segmentId ?? `refused ${result?.refusal}`}\n`);
  }
}
