import { createRoute, z } from '@hono/zod-openapi';
import type { Language } from '@p2p-power/tariff/words';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problems } from '../http/Problem.ts';
import { evseIdParams, json, jsonBody } from '../http/schemas.ts';

import { type CommissionVersion, putCommission, readCommissions } from './Commissions.ts';
import { priceProblem } from './operatorPriceRoutes.ts';
import { pointsOutside, putFrames, readFrames } from './PriceFrames.ts';
import {
  type CommissionAnswer,
  commissionSchema,
  commissionsSchema,
  dynamicTermsSchema,
  newCommissionSchema,
  newPromotionSchema,
  priceFramesSchema,
  promotionsSchema,
  putFramesSchema,
} from './PriceSchemas.ts';
import { addPromotion, endPromotion, readPromotions } from './Promotions.ts';
import { deleteDynamicTerms, putDynamicTerms } from './putDynamicTerms.ts';

const staff = { tags: ['staff'], security: staffSecurity };
const language = z.enum(['en', 'de']).default('en').openapi({ description: 'Of what is outside, and why' });

const framesRoute = createRoute({
  ...staff,
  method: 'get',
  path: '/admin/price-frames',
  summary: 'What operators may ask for energy, by class of point and target group, and who is outside',
  request: { query: z.object({ language }) },
  responses: { 200: json('Frames', priceFramesSchema), ...problems(400, 401) },
});
const putFramesRoute = createRoute({
  ...staff,
  method: 'put',
  path: '/admin/price-frames',
  summary: 'Lays down all price frames; tariffs that were published before stay in force',
  request: { query: z.object({ language }), body: jsonBody(putFramesSchema) },
  responses: { 200: json('Frames', priceFramesSchema), ...problems(400, 401, 422) },
});
const putDynamicRoute = createRoute({
  ...staff,
  method: 'put',
  path: '/admin/points/{evseId}/dynamic',
  summary: 'Lets the energy price of a point follow an index',
  request: { params: evseIdParams, body: jsonBody(dynamicTermsSchema) },
  responses: { 200: json('In force', dynamicTermsSchema), ...problems(400, 401, 404, 409, 422) },
});
const deleteDynamicRoute = createRoute({
  ...staff,
  method: 'delete',
  path: '/admin/points/{evseId}/dynamic',
  summary: 'Lets the tariff of a point alone hold again',
  request: { params: evseIdParams },
  responses: {
    200: json('Whether there were dynamic terms', z.object({ removed: z.boolean() })),
    ...problems(401, 404, 422),
  },
});
const commissionsRoute = createRoute({
  ...staff,
  method: 'get',
  path: '/admin/commissions',
  summary: 'All versions of what operators earn',
  responses: { 200: json('By scope, subject and time', commissionsSchema), ...problems(401) },
});
const putCommissionRoute = createRoute({
  ...staff,
  method: 'put',
  path: '/admin/commissions',
  summary: 'Enters what operators earn from a time on; a charge keeps what held when its driver signed',
  request: { body: jsonBody(newCommissionSchema) },
  responses: { 200: json('The version', commissionSchema), ...problems(400, 401, 404, 422) },
});
const promotionsRoute = createRoute({
  ...staff,
  method: 'get',
  path: '/admin/promotions',
  summary: 'Promotions and what they have borne',
  responses: { 200: json('Newest first', promotionsSchema), ...problems(401) },
});
const addPromotionRoute = createRoute({
  ...staff,
  method: 'post',
  path: '/admin/promotions',
  summary: 'Enters a promotion: what it gives our drivers the provider bears',
  request: { body: jsonBody(newPromotionSchema) },
  responses: { 200: json('As entered', newPromotionSchema), ...problems(400, 401, 409, 422) },
});
const endPromotionRoute = createRoute({
  ...staff,
  method: 'delete',
  path: '/admin/promotions/{promotionId}',
  summary: 'Takes a promotion back; what it has borne stays borne',
  request: { params: z.object({ promotionId: z.string().min(1).max(64) }) },
  responses: { 200: json('Since when', z.object({ endedAt: z.int() })), ...problems(401, 404) },
});

/** Which version of each scope and subject holds at a time. */
function printCommission(
  version: CommissionVersion,
  versions: readonly CommissionVersion[],
  now: number,
): CommissionAnswer {
  const { scope, subject } = version;
  const isOver = versions.some(
    (other) =>
      other.scope === scope &&
      other.subject === subject &&
      other.validFrom > version.validFrom &&
      other.validFrom <= now,
  );
  return { ...version, inForce: version.validFrom <= now && !isOver };
}

/** Price frames, commissions and promotions, for the provider's staff. */
export const registerPriceAdminRoutes: RegisterRoutes = (app, context) => {
  const { db, clock } = context;
  for (const path of [framesRoute.path, commissionsRoute.path, promotionsRoute.path, '/admin/promotions/*'])
    app.use(path, asStaff(context));
  const framesAnswer = async (language: Language) => {
    const frames = await readFrames(db);
    return { frames: [...frames], outside: [...(await pointsOutside(context, frames, language))] };
  };

  app.openapi(framesRoute, async (c) => c.json(await framesAnswer(c.req.valid('query').language), 200));
  app.openapi(putFramesRoute, async (c) => {
    const put = await putFrames(context, c.req.valid('json').frames);
    if (!put.ok) throw priceProblem({ ...put, detail: `frames${put.detail}` });
    return c.json(await framesAnswer(c.req.valid('query').language), 200);
  });
  app.openapi(putDynamicRoute, async (c) => {
    const put = await putDynamicTerms(context, c.req.valid('param').evseId, c.req.valid('json'));
    if (!put.ok) throw priceProblem(put);
    return c.json(put.value, 200);
  });
  app.openapi(deleteDynamicRoute, async (c) => {
    const removed = await deleteDynamicTerms(context, c.req.valid('param').evseId);
    if (!removed.ok) throw priceProblem(removed);
    return c.json(removed.value, 200);
  });
  app.openapi(commissionsRoute, async (c) => {
    const versions = await readCommissions(db);
    const now = clock.nowS();
    return c.json({ commissions: versions.map((version) => printCommission(version, versions, now)) }, 200);
  });
  app.openapi(putCommissionRoute, async (c) => {
    const put = await putCommission(context, c.req.valid('json'));
    if (!put.ok) throw priceProblem(put);
    const versions = await readCommissions(db);
    return c.json(printCommission(put.value, versions, clock.nowS()), 200);
  });
  app.openapi(promotionsRoute, async (c) => c.json({ promotions: [...(await readPromotions(db))] }, 200));
  app.openapi(addPromotionRoute, async (c) => {
    const added = await addPromotion(context, c.req.valid('json'));
    if (!added.ok) throw priceProblem(added);
    return c.json(added.value, 200);
  });
  app.openapi(endPromotionRoute, async (c) => {
    const ended = await endPromotion(context, c.req.valid('param').promotionId);
    if (!ended.ok) throw priceProblem(ended);
    return c.json(ended.value, 200);
  });
};
