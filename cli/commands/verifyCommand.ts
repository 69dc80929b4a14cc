import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { openPage } from '../Page.ts';
import { defaultDataFolder } from '../projectFiles.ts';
import { checkReceipt } from '../verify/checkReceipt.ts';
import { printVerdict } from '../verify/printVerdict.ts';
import { keysFileName, readKeys, type TrustedKeys } from '../verify/TrustedKeys.ts';

interface VerifyOptions {
  readonly keys?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** What the exit code says. */
const exitCodes = { verified: 0, refused: 1, unproven: 3 } as const;

/** `p2p-power verify FILE`: a receipt checked with no network. */
export function verifyCommand(): Command {
  return new Command('verify')
    .summary('check a receipt or evidence file, with no network')
    .description(
      'Checks a receipt (evidence of one charge) with no network: every signature, that its parts belong ' +
        'together, the bounds the driver set, the meter record, and the price line by line.',
    )
    .argument('<file>', 'the receipt; - reads it from standard input')
    .option('--keys <file>', "the providers' keys: a trust list, an answer of GET /provider, or keys.json")
    .option(
      '--data <folder>',
      'the data folder of p2p-power up whose keys to use (default: .p2p-power if there)',
    )
    .option('--json', 'print the verdict and all facts as JSON')
    .addHelpText(
      'after',
      `
Exit code:
  0  everything verified
  1  refused: the output names the first thing that is wrong
  2  the file or the keys cannot be read
  3  what could be checked is right, but the issuers' keys are not known here

Examples:
  p2p-power verify receipt.json
  p2p-power verify receipt.json --keys trust-list.json
  curl -s https://provider.example/provider > keys.json && p2p-power verify receipt.json --keys keys.json
  p2p-power verify --json - < receipt.json | jq .facts.chargeMicro`,
    )
    .action(async (file: string, options: VerifyOptions) => {
      const text = readReceipt(file);
      const keys = findKeys(options, text);
      const verdict = await checkReceipt(text, keys);
      if (options.json) {
        console.log(JSON.stringify({ ...verdict, keysFrom: keys?.source ?? null }, null, 2));
      } else printVerdict(openPage(process.stdout), verdict, keys);
      process.exitCode = exitCodes[verdict.verdict];
    });
}

function readReceipt(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Complaint(
      `The receipt ${file} cannot be read.`,
      'Name a file that exists, or - for standard input.',
      {
        cause: error,
      },
    );
  }
}

/** The keys that are named; else those of the usual data folder, where the receipt is of that network. */
function findKeys({ keys, data }: VerifyOptions, receipt: string): TrustedKeys | undefined {
  if (keys !== undefined) return readKeys(keys);
  if (data !== undefined) return readKeys(data);
  const usual = join(defaultDataFolder, keysFileName);
  if (!existsSync(usual)) return undefined;
  const found = readKeys(usual);
  return found.networkId !== undefined && receipt.includes(found.networkId) ? found : undefined;
}
