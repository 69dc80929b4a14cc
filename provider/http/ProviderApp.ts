import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { CertifiedStation } from '../points/PointTables.ts';

/** Who asks, as the middlewares of `authenticate.ts` established it. */
export interface SignedInDriver {
  readonly driverId: string;
  readonly name: string | null;
}

export interface SignedInOperator {
  readonly operatorId: string;
  readonly name: string;
  readonly account: Hex;
  /** Whether we keep the account's key. */
  readonly accountKept: boolean;
}

export interface ProviderEnv {
  Variables: {
    driver: SignedInDriver;
    operator: SignedInOperator;
    /** Provider id of the peer that signed the request. */
    peer: string;
    /** The station that signed the request; undefined for staff. */
    station: CertifiedStation | undefined;
  };
}

export type ProviderApp = OpenAPIHono<ProviderEnv>;
