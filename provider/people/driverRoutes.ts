import { createRoute, z } from '@hono/zod-openapi';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { RegisterRoutes } from '../http/allRoutes.ts';
import { asDriver, driverSecurity } from '../http/authenticate.ts';
import { problem, problems } from '../http/Problem.ts';
import { hex32, json, jsonBody } from '../http/schemas.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { issueDriverCertificate } from './issueDriverCertificate.ts';
import {
  type Me,
  meSchema,
  newDriverCertificateSchema,
  signedDriverCertificateSchema,
} from './PeopleSchemas.ts';
import { revokeDriverCertificate } from './revokeDriverCertificates.ts';

const meRoute = createRoute({
  method: 'get',
  path: '/me',
  tags: ['driver'],
  summary: 'Who I am, and my certificates',
  security: driverSecurity,
  responses: {
    200: json('The driver', meSchema),
    ...problems(401, 403, 503),
  },
});

const issueRoute = createRoute({
  method: 'post',
  path: '/me/certificates',
  tags: ['driver'],
  summary: 'Certifies a key to charge on this account; renewing is asking again',
  description: 'Each new certificate has its own contract id. The same key within an hour gets the same one.',
  security: driverSecurity,
  request: {
    body: jsonBody(newDriverCertificateSchema),
  },
  responses: {
    200: json('The signed certificate', signedDriverCertificateSchema),
    ...problems(400, 401, 403, 409, 422, 503),
  },
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/me/certificates/{certificateId}',
  tags: ['driver'],
  summary: 'Takes a certificate back, and publishes that',
  security: driverSecurity,
  request: { params: z.object({ certificateId: hex32 }) },
  responses: { 204: { description: 'Taken back' }, ...problems(400, 401, 403, 404, 503) },
});

/** The driver's own account and certificates. */
export const registerDriverRoutes: RegisterRoutes = (app, context) => {
  app.use('/me', asDriver(context));
  app.use('/me/*', asDriver(context));
  app.openapi(meRoute, async (c) => c.json(await readMe(context, c.get('driver').driverId), 200));
  app.openapi(issueRoute, async (c) => {
    const { publicKey } = c.req.valid('json');
    const issued = await issueDriverCertificate(context, c.get('driver').driverId, publicKey);
    if (!issued.ok) throw problem(issued.refusal, statusOf[issued.refusal], issued.detail);
    return c.json(issued.value, 200);
  });
  app.openapi(revokeRoute, async (c) => {
    const { certificateId } = c.req.valid('param');
    const revoked = await revokeDriverCertificate(context, c.get('driver').driverId, certificateId as Hex);
    if (!revoked.ok) throw problem(revoked.refusal, 404, revoked.detail);
    return c.body(null, 204);
  });
};

const statusOf = {
  'not-a-public-key': 422,
  'key-of-another': 409,
  'account-closed': 403,
  'too-many-certificates': 422,
} as const;

async function readMe({ db }: ProviderContext, driverId: string): Promise<Me> {
  const driver = await db
    .selectFrom('driver')
    .leftJoin('operator', (join) =>
      join.onRef('operator.issuer', '=', 'driver.issuer').onRef('operator.subject', '=', 'driver.subject'),
    )
    .select(['driver.name', 'driver.email', 'driver.created_at', 'operator.operator_id', 'operator.account'])
    .select('operator.name as operator_name')
    .where('driver_id', '=', driverId)
    .executeTakeFirstOrThrow();
  const certificates = await db
    .selectFrom('driver_certificate')
    .select(['certificate_id', 'emaid', 'public_key', 'not_before', 'not_after', 'revoked_at'])
    .where('driver_id', '=', driverId)
    .orderBy('issued_at', 'desc')
    .limit(50)
    .execute();
  return {
    driverId,
    name: driver.name,
    email: driver.email,
    createdAt: Number(driver.created_at),
    certificates: certificates.map((row) => ({
      certificateId: row.certificate_id,
      emaid: row.emaid,
      publicKey: row.public_key,
      notBefore: Number(row.not_before),
      notAfter: Number(row.not_after),
      revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
    })),
    operator:
      driver.operator_id === null || driver.account === null
        ? null
        : { operatorId: driver.operator_id, name: driver.operator_name ?? '', account: driver.account },
  };
}
