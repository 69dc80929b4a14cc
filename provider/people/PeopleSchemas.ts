import type { SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { z } from 'zod';
import { hex32, hexSchema, objectOf, publicKeySchema } from '../http/schemas.ts';

export const signedDriverCertificateSchema = objectOf<SignedDriverCertificate>(
  'protocol/DriverCertificate.ts, signed: `{value, signature}`',
);

export const heldCertificateSchema = z
  .object({
    certificateId: hex32,
    emaid: z.string(),
    publicKey: publicKeySchema,
    notBefore: z.int(),
    notAfter: z.int(),
    revokedAt: z.int().nullable(),
  })
  .meta({ id: 'DriverCertificateState' });
export type DriverCertificateState = z.output<typeof heldCertificateSchema>;

export const meSchema = z
  .object({
    driverId: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    createdAt: z.int(),
    certificates: z.array(heldCertificateSchema),
    operator: z
      .object({ operatorId: z.string(), name: z.string(), account: hexSchema(20) })
      .nullable()
      .meta({ description: 'Set where the same person also operates points' }),
  })
  .meta({ id: 'Me' });
export type Me = z.output<typeof meSchema>;

export const newDriverCertificateSchema = z.strictObject({ publicKey: publicKeySchema });

export const newOperatorSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    email: z.email().max(200),
    account: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/)
      .optional()
      .meta({ description: 'Chain account that is paid; without it we make one and keep its key' }),
  })
  .meta({ id: 'NewOperator' });
export type NewOperator = z.input<typeof newOperatorSchema>;

export const operatorSchema = z
  .object({
    operatorId: z.string(),
    name: z.string(),
    email: z.string(),
    account: hexSchema(20),
    accountKept: z.boolean(),
    createdAt: z.int(),
  })
  .meta({ id: 'Operator' });
export type Operator = z.output<typeof operatorSchema>;

export const driverSchema = z
  .object({
    driverId: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    createdAt: z.int(),
    closedAt: z.int().nullable(),
    certificatesInForce: z.int(),
  })
  .meta({ id: 'Driver' });
export type Driver = z.output<typeof driverSchema>;
