import { createRoute, z } from '@hono/zod-openapi';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asStaff, staffSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { answeredHex32, json, jsonBody } from '../http/schemas.ts';
import { handIn } from './handIn.ts';
import { readJournalGaps } from './readJournalGaps.ts';
import { readQuarantine } from './readQuarantine.ts';
import { withProvisions } from './withProvisions.ts';

/** Most segments of one request. */
const maxSegments = 50;

export const cdrOutcomeSchema = z
  .object({
    cdrId: answeredHex32,
    outcome: z.enum(['accepted', 'already-known', 'refused']),
    refusal: z.string().optional(),
    detail: z.string().optional(),
  })
  .openapi('CdrOutcome');

const handInResult = z
  .object({
    segmentId: answeredHex32.nullable(),
    acknowledgement: z.unknown().optional().openapi({
      description: 'Signed `Acknowledgement` (protocol/Acknowledgement.ts): the records are on disk here',
      type: 'object',
    }),
    provision: z.unknown().optional().openapi({
      description:
        'Signed `ProvisionUpdate` (protocol/ProvisionUpdate.ts) for the station whose records these are',
      type: 'object',
    }),
    refusal: z.string().optional(),
    detail: z.string().optional(),
    outcomes: z.array(cdrOutcomeSchema),
  })
  .openapi('HandInResult');

const handInRoute = createRoute({
  method: 'post',
  path: '/hand-in',
  tags: ['stations'],
  summary: 'Hands in sealed segments of CDRs',
  description:
    'By a station or by whoever carries its segments; twice does no harm. The answer comes when everything ' +
    'is on disk. A refused CDR is kept with its reason and acknowledged like the others.',
  request: {
    body: jsonBody(
      z.object({
        segments: z
          .array(z.unknown().openapi({ type: 'object', description: 'protocol/Segment.ts' }))
          .min(1)
          .max(maxSegments),
        provisions: z.boolean().default(false).openapi({
          description: 'For couriers: also what we have for the stations, to be brought to them',
        }),
      }),
    ),
  },
  responses: {
    200: json(
      'What became of each segment, in the order of the request',
      z.object({ results: z.array(handInResult) }),
    ),
    ...problems(400, 413, 503),
  },
});

const gapSchema = z
  .object({
    stationCertificateId: answeredHex32,
    evseId: z.string(),
    kind: z.enum(['gap', 'doubled-number', 'falling-number']),
    afterNumber: z.int(),
    beforeNumber: z.int(),
    /** Journal entries between the two CDRs that are in no CDR. */
    entries: z.int(),
    afterEndedAt: z.int(),
    beforeStartedAt: z.int(),
    afterCdrId: answeredHex32,
    beforeCdrId: answeredHex32,
  })
  .openapi('JournalGap');

const gapsRoute = createRoute({
  method: 'get',
  path: '/admin/journal-gaps',
  tags: ['staff'],
  summary: 'Where a station’s journal may hold CDRs that were never handed in',
  security: staffSecurity,
  request: {
    query: z.object({
      evseId: z.string().optional(),
      minimumEntries: z.coerce.number().int().min(1).default(1),
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: {
    200: json(
      'Doubled and falling numbers first, then the widest gaps',
      z.object({ gaps: z.array(gapSchema) }),
    ),
    ...problems(400, 401),
  },
});

const quarantineRoute = createRoute({
  method: 'get',
  path: '/admin/refused-cdrs',
  tags: ['staff'],
  summary: 'CDRs that were handed in and refused, with their reason',
  security: staffSecurity,
  request: {
    query: z.object({
      cdrId: z.string().optional(),
      refusal: z.string().optional(),
      withContent: z.enum(['true', 'false']).default('false'),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: {
    200: json(
      'Newest first',
      z.object({
        refused: z.array(
          z
            .object({
              contentHash: answeredHex32,
              cdrId: answeredHex32.nullable(),
              refusal: z.string(),
              detail: z.string(),
              source: z.string(),
              receivedAt: z.int(),
              acceptedAt: z.int().nullable().openapi({ description: 'When it was accepted after all' }),
              content: z
                .string()
                .optional()
                .openapi({ description: 'Where a certified station signed the CDR in it' }),
            })
            .openapi('RefusedCdr'),
        ),
      }),
    ),
    ...problems(400, 401),
  },
});

/** Hand-in by stations and couriers; for staff what was refused and what may be missing. */
export const registerIntakeRoutes: RegisterRoutes = (app, context) => {
  app.openapi(handInRoute, async (c) => {
    const { segments, provisions } = c.req.valid('json');
    if (segments.length === 0) throw problem('invalid-request', 400, 'no segments');
    const results = await handIn(context, segments);
    const answered = provisions ? await withProvisions(context, results) : results;
    return c.json({ results: [...answered] } as never, 200);
  });
  for (const { path } of [gapsRoute, quarantineRoute]) app.use(path, asStaff(context));
  app.openapi(gapsRoute, async (c) => {
    const { evseId, minimumEntries, limit } = c.req.valid('query');
    return c.json({ gaps: [...(await readJournalGaps(context.db, { evseId, minimumEntries, limit }))] }, 200);
  });
  app.openapi(quarantineRoute, async (c) => {
    const { withContent, ...query } = c.req.valid('query');
    const refused = await readQuarantine(context.db, { ...query, withContent: withContent === 'true' });
    return c.json({ refused: [...refused] }, 200);
  });
};
