import { join } from 'node:path';

/** Where a provider's keys lie in its folder; each is made at first use, for its owner only. */
export interface KeyFiles {
  readonly accountKeyFile: string;
  readonly certificateKeyFile: string;
  readonly courierKeyFile: string;
}

export function keyFilesOf(folder: string): KeyFiles {
  return {
    accountKeyFile: join(folder, 'account.key'),
    certificateKeyFile: join(folder, 'certificate.pem'),
    courierKeyFile: join(folder, 'courier.pem'),
  };
}
