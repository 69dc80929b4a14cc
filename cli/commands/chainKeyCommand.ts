import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { newValidatorKey, parseValidatorKey } from '@p2p-power/chain/besu/ValidatorKey';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';

/** `p2p-power chain key FILE`: a validator's key, made where missing; what is printed is public. */
export function chainKeyCommand(): Command {
  return new Command('key')
    .summary("make a validator's key, or show its public part")
    .description(
      'Makes the key of a validator (secp256k1) where the file is missing, readable by its owner only, and prints ' +
        'the public key for the list of providers and the address under which it validates. So nobody but its ' +
        'owner ever has the private key. It is written as Besu reads it (node-private-key-file).',
    )
    .argument('<file>', 'the file of the private key')
    .addHelpText(
      'after',
      `
Examples:
  p2p-power chain key ./key
  p2p-power chain key ./key | jq -r .publicKey`,
    )
    .action((file: string) => {
      if (!existsSync(file))
        writeFileSync(file, `${newValidatorKey().privateKey}\n`, { mode: 0o600, flag: 'wx', flush: true });
      const key = parseValidatorKey(readFileSync(file, 'utf8'));
      if (!key.ok)
        throw new Complaint(
          `${file} holds no private key: ${key.detail}.`,
          'Name another file, or one that is not there yet.',
        );
      const { publicKey, address } = key.value;
      console.log(JSON.stringify({ publicKey, address }, null, 2));
    });
}
