import { createRoute, z } from '@hono/zod-openapi';
import type { Deployment } from '@p2p-power/chain/Deployment';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { problems } from '../http/Problem.ts';
import { hex32, json } from '../http/schemas.ts';
import { noteStationSeen } from '../points/noteStationSeen.ts';
import { type ProviderInfo, providerInfoSchema, trustListSchema } from './ProviderSchemas.ts';
import { publishTrustList } from './publishTrustList.ts';
import { readMembers } from './refreshMembers.ts';

const providerRoute = createRoute({
  method: 'get',
  path: '/provider',
  tags: ['network'],
  summary: 'Who this provider is, its keys, the members of the network, where to sign in',
  responses: {
    200: json('The provider', providerInfoSchema),
  },
});

const trustListRoute = createRoute({
  method: 'get',
  path: '/trust-list',
  tags: ['network'],
  summary: 'What this provider’s stations are to trust, signed',
  request: {
    query: z.object({
      station: hex32
        .optional()
        .openapi({ description: 'Id of the certificate of the station that asks: a sign of life' }),
    }),
  },
  responses: {
    200: json('The trust list', trustListSchema),
    ...problems(400),
  },
});

/** The provider itself, and its trust list; both for anyone. */
export const registerTrustRoutes: RegisterRoutes = (app, context) => {
  const { config } = context;
  app.openapi(providerRoute, async (c) => {
    const members = await readMembers(context);
    const own = members.find((member) => member.providerId === config.providerId);
    const info: ProviderInfo = {
      providerId: config.providerId,
      name: config.name,
      networkId: context.networkId,
      keys: [
        ...(own?.keys ?? [{ publicKey: context.certificateSigner.publicKey, addedAt: 0, retiredAt: 0 }]),
      ],
      courierKey: { publicKey: context.courierKey.publicKey, keyId: context.courierKey.keyId },
      members: members.map((member) => ({ ...member, keys: [...member.keys] })),
      chain: context.deployment === undefined ? null : chainOf(context.deployment),
      currency: config.currency,
      oidc: config.oidc ?? null,
    };
    return c.json(info, 200);
  });
  app.openapi(trustListRoute, async (c) => {
    const { station } = c.req.valid('query');
    if (station !== undefined) await noteStationSeen(context.db, [station], context.clock.nowS());
    return c.json(await publishTrustList(context), 200);
  });
};

function chainOf(deployment: Deployment): ProviderInfo['chain'] {
  const lower = (address: string) => address.toLowerCase() as Hex;
  return {
    chainId: deployment.chainId,
    addresses: {
      consortium: lower(deployment.consortium),
      chargeToken: lower(deployment.chargeToken),
      peering: lower(deployment.peering),
      clearing: lower(deployment.clearing),
    },
  };
}
