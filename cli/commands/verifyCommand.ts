import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import { parseEvidenceText } from '@p2p-power/protocol/parseEvidence';
import { Command } from 'commander';
import { readProofs } from '../audit/auditReceipt.ts';
import { Complaint } from '../Complaint.ts';
import { openPage } from '../Page.ts';
import { defaultDataFolder } from '../projectFiles.ts';
import { readJsonFile } from '../readJsonFile.ts';
import { checkReceipt } from '../verify/checkReceipt.ts';
import { checkWitness, isWitnessSound, printWitness, type WitnessVerdict } from '../verify/checkWitness.ts';
import { printVerdict } from '../verify/printVerdict.ts';
import { readWitnessFile } from '../verify/readWitnessFile.ts';
import { keysFileName, readKeys, type TrustedKeys } from '../verify/TrustedKeys.ts';

interface VerifyOptions {
  readonly keys?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly receipt?: string;
  readonly proof?: string;
  readonly witness?: readonly string[];
  readonly witnessKey?: readonly string[];
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
    .argument('[file]', 'the receipt; - reads it from standard input')
    .option('--receipt <file>', 'the receipt, named as an option')
    .option('--keys <file>', "the providers' keys: a trust list, an answer of GET /provider, or keys.json")
    .option(
      '--data <folder>',
      'the data folder of p2p-power up whose keys to use (default: .p2p-power if there)',
    )
    .option('--proof <file>', 'the proof of settlement (GET /settlements/{authorizationId})')
    .option('--witness <file...>', 'witness records: the one of the week in which it was settled, and others')
    .option('--witness-key <key...>', 'public keys x‖y of witnesses that you know; each must have signed')
    .option('--json', 'print the verdict and all facts as JSON')
    .addHelpText(
      'after',
      `
Exit code:
  0  everything verified
  1  refused: the output names the first thing that is wrong, or what no witness holds
  2  the file or the keys cannot be read
  3  what could be checked is right, but the issuers' keys are not known here

Examples:
  p2p-power verify receipt.json
  p2p-power verify receipt.json --keys trust-list.json
  curl -s https://provider.example/provider > keys.json && p2p-power verify receipt.json --keys keys.json
  p2p-power verify --json - < receipt.json | jq .facts.chargeMicro
  p2p-power verify receipt.json --proof proof.json --witness week-2943.json week-2944.json`,
    )
    .action(async (argument: string | undefined, options: VerifyOptions) => {
      const file = argument ?? options.receipt;
      if (file === undefined) throw new Complaint('There is no receipt to check.', 'Name one: verify FILE');
      const text = readReceipt(file);
      const keys = findKeys(options, text);
      const verdict = await checkReceipt(text, keys);
      const witness = verdict.verdict === 'refused' ? undefined : await checkWitnesses(text, options);
      if (options.json) {
        console.log(
          JSON.stringify(
            { ...verdict, keysFrom: keys?.source ?? null, ...(witness && { witness }) },
            null,
            2,
          ),
        );
      } else {
        const page = openPage(process.stdout);
        printVerdict(page, verdict, keys);
        if (witness !== undefined) printWitness(page, witness);
      }
      process.exitCode =
        witness !== undefined && !isWitnessSound(witness) ? exitCodes.refused : exitCodes[verdict.verdict];
    });
}

/** What witnesses hold of the receipt, where records were named. */
async function checkWitnesses(text: string, options: VerifyOptions): Promise<WitnessVerdict | undefined> {
  const { witness, proof, witnessKey = [] } = options;
  if (witness === undefined) return undefined;
  if (proof === undefined)
    throw new Complaint(
      'Witness records hold batches, and no proof says in which one the charge is.',
      'Name it: --proof FILE, as GET /settlements/{authorizationId} of either provider answers it',
    );
  const parsed = parseEvidenceText(text);
  if (!parsed.ok) throw new Error(`a receipt that was checked is none: ${parsed.detail}`);
  const evidence = parsed.value;
  const receipt = {
    evidence,
    authorizationId: Authorization.id(evidence.networkId, evidence.authorization.value),
    cdrId: ChargeDetailRecord.id(evidence.networkId, evidence.cdr.value),
  };
  return checkWitness(
    receipt,
    readProofs(readJsonFile(proof), proof),
    witness.map(readWitnessFile),
    witnessKey,
  );
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
