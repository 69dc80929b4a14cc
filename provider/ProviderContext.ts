import type { Deployment } from '@p2p-power/chain/Deployment';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { ClearingChain } from './clearing/ClearingChain.ts';
import type { Database } from './database/Database.ts';
import type { ProviderMetrics } from './http/ProviderMetrics.ts';
import type { AccessTokens } from './identity/AccessTokens.ts';
import type { CourierKey } from './keys/CourierKey.ts';
import type { ProviderConfig } from './ProviderConfig.ts';

export interface Clock {
  /** Epoch seconds. */
  nowS(): number;
}

export interface Random {
  /** That many bytes that nobody can foresee. */
  bytes(count: number): Uint8Array;
}

/** All that a provider's routes and jobs work with; made once by `openProvider`. */
export interface ProviderContext {
  readonly config: ProviderConfig;
  readonly networkId: Hex;
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: ProviderMetrics;
  /** The provider's P-256 certificate key: signs certificates, trust lists, acknowledgements, requests to peers. */
  readonly certificateSigner: Signer;
  /** The HPKE key that segments are sealed for. */
  readonly courierKey: CourierKey;
  /** 32 random bytes from a file outside the database: seals the keys that we keep for operators. */
  readonly sealingKey: Uint8Array;
  readonly verifier: Verifier;
  /** Absent where the configuration names no chain: everything works but settling and redeeming. */
  readonly chain?: ClearingChain;
  /** Where the contracts are; with `chain`. */
  readonly deployment?: Deployment;
  readonly tokens: AccessTokens;
  /** How this server reaches others. */
  readonly fetch: typeof globalThis.fetch;
}
