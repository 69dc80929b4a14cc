import { existsSync } from 'node:fs';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import type { ChainSigner } from '@p2p-power/chain/ChainClient';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import { openSecretFile } from '@p2p-power/provider/keys/openKeyFiles';
import { Complaint } from './Complaint.ts';

/** Does what needs the chain; complains, with what to do, where no node answers. */
export async function onChain<Outcome>(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ChainFault)) throw error;
    throw new Complaint(
      `The chain cannot be asked: ${error.message}.`,
      'Name another node with --rpc; running again is safe.',
      { cause: error },
    );
  }
}

/** Signs transactions with the account key in a file; complains, with `hint`, where there is none. */
export function openAccountSigner(file: string | undefined, hint: string): ChainSigner {
  if (file === undefined || !existsSync(file))
    throw new Complaint(`There is no key file ${file ?? ''}.`, hint);
  return accountSigner(openSecretFile(file));
}
