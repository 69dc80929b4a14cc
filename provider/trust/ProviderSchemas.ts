import type { TrustList } from '@p2p-power/protocol/TrustList';
import { z } from 'zod';
import { hex32, hexSchema, objectOf, publicKeySchema } from '../http/schemas.ts';

const certificateKeySchema = z.object({
  publicKey: publicKeySchema,
  addedAt: z.int(),
  retiredAt: z.int().meta({ description: '0 = in use' }),
});

/** Who this provider is and what it belongs to. */
export const providerInfoSchema = z
  .object({
    providerId: z.string(),
    name: z.string(),
    networkId: hex32,
    keys: z.array(certificateKeySchema),
    courierKey: z.object({ publicKey: publicKeySchema, keyId: hex32 }),
    members: z.array(
      z.object({
        providerId: z.string(),
        name: z.string(),
        url: z.string(),
        keys: z.array(certificateKeySchema),
      }),
    ),
    chain: z
      .object({
        chainId: z.int(),
        addresses: z.object({
          consortium: hexSchema(20),
          chargeToken: hexSchema(20),
          peering: hexSchema(20),
          clearing: hexSchema(20),
        }),
      })
      .nullable(),
    currency: z.string(),
    oidc: z
      .object({ issuer: z.string(), clientId: z.string(), audience: z.string() })
      .nullable()
      .meta({ description: 'Where drivers and operators sign in; `audience` is the resource to ask for' }),
  })
  .meta({ id: 'ProviderInfo' });
export type ProviderInfo = z.output<typeof providerInfoSchema>;

export const trustListSchema = objectOf<TrustList>('protocol/TrustList.ts: `{head, contentJson}`');
