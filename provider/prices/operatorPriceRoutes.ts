import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asOperator, operatorSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { evseIdParams, hex32, json, jsonBody } from '../http/schemas.ts';
import { putTariff } from '../points/putTariff.ts';
import {
  dynamicTermsSchema,
  newPreviewSchema,
  ocpiTariffSchema,
  tariffPreviewSchema,
} from './PriceSchemas.ts';
import { previewTariff } from './previewTariff.ts';
import { deleteDynamicTerms, putDynamicTerms } from './putDynamicTerms.ts';

const putTariffRoute = createRoute({
  method: 'put',
  path: '/operator/points/{evseId}/tariff',
  tags: ['operators'],
  summary: 'Puts a tariff in force at a point of mine, within the provider’s price frame',
  description: 'Parking may cost what the operator likes. Refused with the bound that a price passes.',
  security: operatorSecurity,
  request: { params: evseIdParams, body: jsonBody(ocpiTariffSchema) },
  responses: {
    200: json('In force', z.object({ tariffId: hex32, validFrom: z.int() })),
    ...problems(400, 401, 403, 404, 422),
  },
});

const putDynamicRoute = createRoute({
  method: 'put',
  path: '/operator/points/{evseId}/dynamic',
  tags: ['operators'],
  summary: 'Lets the energy price of a point of mine follow an index, within the provider’s price frame',
  description:
    'Charges at such prices settle in batches like all others, but cannot be claimed by force from a ' +
    'provider that stops paying (`prices-not-claimable`).',
  security: operatorSecurity,
  request: { params: evseIdParams, body: jsonBody(dynamicTermsSchema) },
  responses: { 200: json('In force', dynamicTermsSchema), ...problems(400, 401, 403, 404, 409, 422) },
});

const deleteDynamicRoute = createRoute({
  method: 'delete',
  path: '/operator/points/{evseId}/dynamic',
  tags: ['operators'],
  summary: 'Lets the tariff alone hold again',
  security: operatorSecurity,
  request: { params: evseIdParams },
  responses: {
    200: json('Whether there were dynamic terms', z.object({ removed: z.boolean() })),
    ...problems(401, 403, 404, 422),
  },
});

const previewRoute = createRoute({
  method: 'post',
  path: '/operator/tariff-previews',
  tags: ['operators'],
  summary: 'What a tariff would have earned on my own past charges, beside what they did',
  description: 'Nothing is published and nothing kept.',
  security: operatorSecurity,
  request: { body: jsonBody(newPreviewSchema) },
  responses: { 200: json('By charge and in sum', tariffPreviewSchema), ...problems(400, 401, 403, 404, 422) },
});

/** The status of a refusal about prices; `detail` names the field. */
export const priceProblem = (refused: { readonly refusal: string; readonly detail: string }) => {
  const unknown = ['point-unknown', 'operator-unknown', 'promotion-unknown'].includes(refused.refusal);
  const contradicts = ['tariff-missing', 'promotion-known'].includes(refused.refusal);
  return problem(refused.refusal, unknown ? 404 : contradicts ? 409 : 422, refused.detail);
};

/** What operators set at their own points, and try out before. */
export const registerOperatorPriceRoutes: RegisterRoutes = (app, context) => {
  app.use('/operator/points/*', asOperator(context));
  app.use(previewRoute.path, asOperator(context));

  app.openapi(putTariffRoute, async (c) => {
    const { operatorId } = c.get('operator');
    const put = await putTariff(context, c.req.valid('param').evseId, c.req.valid('json'), operatorId);
    if (!put.ok) throw priceProblem(put);
    return c.json(put.value, 200);
  });
  app.openapi(putDynamicRoute, async (c) => {
    const { operatorId } = c.get('operator');
    const put = await putDynamicTerms(context, c.req.valid('param').evseId, c.req.valid('json'), operatorId);
    if (!put.ok) throw priceProblem(put);
    return c.json(put.value, 200);
  });
  app.openapi(deleteDynamicRoute, async (c) => {
    const removed = await deleteDynamicTerms(
      context,
      c.req.valid('param').evseId,
      c.get('operator').operatorId,
    );
    if (!removed.ok) throw priceProblem(removed);
    return c.json(removed.value, 200);
  });
  app.openapi(previewRoute, async (c) => {
    const previewed = await previewTariff(context, c.get('operator').operatorId, c.req.valid('json'));
    if (!previewed.ok) throw priceProblem(previewed);
    return c.json(previewed.value, 200);
  });
};
