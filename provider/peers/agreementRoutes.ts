import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProposedAgreement } from '../clearing/ClearingChain.ts';
import { chainOf } from '../clearing/clearingRoutes.ts';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { isMember } from '../trust/isMember.ts';
import { type AgreementAnswer, agreementSchema, newAgreementSchema } from './AgreementSchemas.ts';
import { agreementAt } from './Agreements.ts';
import { noteProposal } from './noteProposal.ts';
import { refreshAgreements } from './readAgreements.ts';

const params = z.object({ id: hex32 });

const listRoute = createRoute({
  method: 'get',
  path: '/admin/agreements',
  tags: ['staff'],
  summary: 'Peering agreements as the chain has them: proposed, in force, replaced, ended',
  security: staffSecurity,
  request: { query: z.object({ peer: z.string().optional() }) },
  responses: {
    200: json('By peer and version', z.object({ agreements: z.array(agreementSchema) })),
    ...problems(400, 401, 503),
  },
});

const proposeRoute = createRoute({
  method: 'post',
  path: '/admin/agreements',
  tags: ['staff'],
  summary: 'Proposes terms to another provider, as the next version; they hold when it accepts them',
  description: 'Safe to be repeated: the same terms are proposed once.',
  security: staffSecurity,
  request: {
    body: jsonBody(newAgreementSchema),
  },
  responses: { 200: json('As proposed', agreementSchema), ...problems(400, 401, 404, 422, 503) },
});

const acceptRoute = createRoute({
  method: 'post',
  path: '/admin/agreements/{id}/accept',
  tags: ['staff'],
  summary: 'Accepts what another provider proposed to us',
  security: staffSecurity,
  request: { params },
  responses: { 200: json('As accepted', agreementSchema), ...problems(400, 401, 404, 422, 503) },
});

const noticeRoute = createRoute({
  method: 'post',
  path: '/admin/agreements/{id}/notice',
  tags: ['staff'],
  summary:
    'Ends an agreement, not sooner than its notice allows and for good; charges of before stay under it',
  security: staffSecurity,
  request: {
    params,
    body: jsonBody(z.strictObject({ endsAt: z.int().min(1).openapi({ description: 'Epoch seconds' }) })),
  },
  responses: { 200: json('With its end', agreementSchema), ...problems(400, 401, 404, 422, 503) },
});

/** Peering agreements for the staff: what the chain has, proposals, acceptance, notice. */
export const registerAgreementRoutes: RegisterRoutes = (app, context) => {
  app.use(listRoute.path, asStaff(context));
  app.use(`${listRoute.path}/*`, asStaff(context));

  app.openapi(listRoute, async (c) => {
    const { peer } = c.req.valid('query');
    return c.json({ agreements: await readAll(context, peer) }, 200);
  });

  app.openapi(proposeRoute, async (c) => {
    const { peer, terms } = c.req.valid('json');
    const chain = chainOf(context);
    if (peer === context.config.providerId || !(await isMember(context, peer)))
      throw problem('peer-unknown', 404, `${peer} is no other member of the consortium`);
    const accepted = await refreshAgreements({ ...context, chain }, peer, context.clock.nowS());
    const proposed = await chain.proposeAgreement({
      other: peer,
      version: accepted.length + 1,
      terms: {
        ...terms,
        feeMicroPerKwh: BigInt(terms.feeMicroPerKwh),
        creditLimitMicro: BigInt(terms.creditLimitMicro),
        disputeFeeMicro: BigInt(terms.disputeFeeMicro),
      },
    });
    if (!proposed.ok) throw problem(proposed.refusal, 422, proposed.detail);
    await noteProposal(context.db, proposed.value.agreementId, peer);
    return c.json(await readOne(context, proposed.value.agreementId), 200);
  });

  app.openapi(acceptRoute, async (c) => {
    const id = c.req.valid('param').id as Hex;
    await readOne(context, id);
    const accepted = await chainOf(context).acceptAgreement(id);
    if (!accepted.ok) throw problem(accepted.refusal, 422, accepted.detail);
    return c.json(await readOne(context, id), 200);
  });

  app.openapi(noticeRoute, async (c) => {
    const id = c.req.valid('param').id as Hex;
    await readOne(context, id);
    const given = await chainOf(context).giveNotice(id, c.req.valid('json').endsAt);
    if (!given.ok) throw problem(given.refusal, 422, given.detail);
    return c.json(await readOne(context, id), 200);
  });
};

async function readAll(context: ProviderContext, only: string | undefined): Promise<AgreementAnswer[]> {
  const chain = chainOf(context);
  const me = context.config.providerId;
  const now = context.clock.nowS();
  const members = await context.db
    .selectFrom('member')
    .select('provider_id')
    .orderBy('provider_id')
    .execute();
  const answers: AgreementAnswer[] = [];
  for (const { provider_id: peer } of members) {
    if (peer === me || (only !== undefined && peer !== only)) continue;
    const accepted = await refreshAgreements({ ...context, chain }, peer, now);
    const noted = await context.db
      .selectFrom('agreement_proposal')
      .select('agreement_id')
      .where('peer', '=', peer)
      .orderBy('agreement_id')
      .execute();
    const ids = new Set([...accepted.map((one) => one.agreementId), ...noted.map((one) => one.agreement_id)]);
    for (const id of ids) {
      const found = await chain.agreement(id);
      // A proposal of a version that another one has become by now can no longer be accepted.
      if (found === null || (found.acceptedAt === 0 && found.version <= accepted.length)) continue;
      answers.push(answerOf(found, me, accepted, now));
    }
  }
  return answers.sort((one, other) => one.peer.localeCompare(other.peer) || one.version - other.version);
}

async function readOne(context: ProviderContext, agreementId: Hex): Promise<AgreementAnswer> {
  const chain = chainOf(context);
  const me = context.config.providerId;
  const found = await chain.agreement(agreementId);
  if (found === null || !found.members.includes(me))
    throw problem('agreement-unknown', 404, 'no agreement of ours has this id');
  const now = context.clock.nowS();
  const peer = found.members.find((member) => member !== me) ?? me;
  return answerOf(found, me, await refreshAgreements({ ...context, chain }, peer, now), now);
}

function answerOf(
  found: ProposedAgreement,
  me: string,
  accepted: Awaited<ReturnType<typeof refreshAgreements>>,
  now: number,
): AgreementAnswer {
  const { agreementId, members, proposer, version, acceptedAt, endsAt, ...terms } = found;
  const state = (): AgreementAnswer['state'] => {
    if (acceptedAt === 0) return 'proposed';
    if (agreementAt(accepted, now)?.agreementId === agreementId) return 'in-force';
    if (endsAt !== 0 && endsAt <= now) return 'ended';
    return terms.validFrom > now ? 'accepted' : 'replaced';
  };
  return {
    agreementId,
    peer: members.find((member) => member !== me) ?? me,
    proposer,
    version,
    state: state(),
    acceptedAt: acceptedAt === 0 ? null : acceptedAt,
    endsAt: endsAt === 0 ? null : endsAt,
    terms: {
      ...terms,
      feeMicroPerKwh: amount(terms.feeMicroPerKwh),
      creditLimitMicro: amount(terms.creditLimitMicro),
      disputeFeeMicro: amount(terms.disputeFeeMicro),
    },
  };
}

/** No amount of ours comes near to 2^53: one beyond says no more than that. */
const amount = (micro: bigint) => Number(micro < 2n ** 53n ? micro : 2n ** 53n - 1n);
