import { accountSigner } from '@p2p-power/chain/accountSigner';
import { keyId } from '@p2p-power/protocol/KeyId';
import { openCourierKeyFile, openSecretFile, openSignerFile } from '@p2p-power/provider/keys/openKeyFiles';
import { Command } from 'commander';
import { Complaint } from '../Complaint.ts';
import { keyFilesOf } from '../network/keyFiles.ts';

/** `p2p-power keys FOLDER`: a provider's keys, made where missing; what is printed is public. */
export function keysCommand(): Command {
  return new Command('keys')
    .summary("make a provider's keys, or show their public parts")
    .description(
      'Makes the three keys of a provider in its data folder where they are missing, readable by their owner only, ' +
        'and prints what others need of them: the certificate key and the account for the consortium, ' +
        'the courier key that stations seal records for. Private parts are never printed.',
    )
    .argument('[folder]', "the provider's data folder (dataDir); the keys are in its folder keys")
    .option(
      '--witness <file>',
      'instead of a provider’s keys, the one of a witness outside of the consortium',
    )
    .addHelpText(
      'after',
      `
Examples:
  p2p-power keys ./provider
  p2p-power keys ./provider | jq -r .account
  p2p-power keys --witness notary.pem`,
    )
    .action((folder: string | undefined, { witness }: { readonly witness?: string }) => {
      if (witness !== undefined) {
        const { publicKey } = openSignerFile(witness);
        console.log(JSON.stringify({ publicKey, keyId: keyId(publicKey), file: witness }, null, 2));
        return;
      }
      if (folder === undefined)
        throw new Complaint('There is no folder to make keys in.', 'Name one: p2p-power keys FOLDER');
      const files = keyFilesOf(folder);
      const certificateKey = openSignerFile(files.certificateKeyFile).publicKey;
      const courierKey = openCourierKeyFile(files.courierKeyFile);
      const shown = {
        account: accountSigner(openSecretFile(files.accountKeyFile)).address,
        certificateKey: { publicKey: certificateKey, keyId: keyId(certificateKey) },
        courierKey: { publicKey: courierKey.publicKey, keyId: courierKey.keyId },
        files,
      };
      console.log(JSON.stringify(shown, null, 2));
    });
}
