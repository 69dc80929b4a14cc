import type { Hex } from '@p2p-power/protocol/Hex';
import { z } from 'zod';

/** Hexadecimal of exactly that many bytes. */
export function hexSchema(bytes: number): z.ZodType<Hex, Hex> {
  return z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`))
    .meta({ description: `${bytes} bytes of lower-case hex led by 0x` }) as unknown as z.ZodType<Hex, Hex>;
}

export const hex32 = hexSchema(32);
export const publicKeySchema = hexSchema(64);

/** 32 bytes in an answer: we made them, so they are described and not checked. */
export const answeredHex32 = z
  .string()
  .meta({ description: '32 bytes of lower-case hex', example: `0x${'ab'.repeat(32)}` });

/** An amount in an answer. */
export const micro = (description: string) =>
  z.int().meta({ description: `${description}; micro-units`, example: 12_340_000 });

/** An object of the protocol, whose form its own parser checks; the document says which. */
export function objectOf<Value>(description: string): z.ZodType<Value, Value> {
  return z.looseObject({}).meta({ description }) as unknown as z.ZodType<Value, Value>;
}

/** The point that a path names, with or without separators. */
export const evseIdParams = z.object({ evseId: z.string().min(1).max(60) });

/** An answer with a JSON body, as a route declares it. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A JSON body that a request must have, as a route declares it. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
