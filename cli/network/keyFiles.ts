import { join } from 'node:path';

/** Where a provider's keys lie in its data folder unless its configuration says otherwise. */
export interface KeyFiles {
  readonly accountKeyFile: string;
  readonly certificateKeyFile: string;
  readonly courierKeyFile: string;
}

export function keyFilesOf(folder: string): KeyFiles {
  return {
    accountKeyFile: join(folder, 'keys', 'account.hex'),
    certificateKeyFile: join(folder, 'keys', 'certificate.pem'),
    courierKeyFile: join(folder, 'keys', 'courier.pem'),
  };
}
