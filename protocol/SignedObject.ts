import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Hex, isHex } from './Hex.ts';
import { type Signer, signBytes, type Verifier, verifyBytes } from './Signer.ts';
import { sha256 } from './sha256.ts';
import {
  isText,
  maxUint,
  sealedText,
  typeWordBytes,
  wordBytes,
  writeHex,
  writeText,
  writeUint,
} from './Word.ts';

/** A text kept off the chain: what is signed is its salted commitment, what travels is both. */
export interface SealedText {
  /** 32 random bytes, new for each use. */
  readonly salt: Hex;
  /** 1 to 64 printable ASCII characters. */
  readonly text: string;
}

/**
 * The kinds of field, each one 32-byte word of the encoding but `publicKey`, which is two (x, y).
 * An array of names is an enumeration: its index is encoded, its name is printed.
 */
export type FieldKind =
  | 'bytes32'
  | 'address'
  | 'publicKey'
  | 'uint'
  | 'flag'
  | 'text'
  | 'sealedText'
  | readonly [string, ...string[]];

export type FieldValue<Kind extends FieldKind> = Kind extends readonly (infer Name)[]
  ? Name
  : Kind extends 'bytes32' | 'address' | 'publicKey'
    ? Hex
    : Kind extends 'uint'
      ? number
      : Kind extends 'flag'
        ? boolean
        : Kind extends 'text'
          ? string
          : SealedText;

export type Layout = Readonly<Record<string, FieldKind>>;
export type ValueOf<Fields extends Layout> = { readonly [Name in keyof Fields]: FieldValue<Fields[Name]> };

/** A value and the signature over its bytes: how objects travel and are kept. */
export interface Signed<Value> {
  readonly value: Value;
  /** r‖s over SHA-256 of the encoding, low s, 64 bytes. Never an identifier: that is the object's id. */
  readonly signature: Hex;
}

/** Why untrusted JSON is no object of the type, in order of precedence; `detail` names the field. */
export type ParseRefusal =
  | 'not-an-object'
  | 'missing-field'
  | 'bad-field'
  | 'unknown-field'
  | 'bad-signature-form';

/** One type of signed object: its layout and all that one does with it. */
export interface SignedObject<Fields extends Layout> {
  readonly name: string;
  readonly layout: Fields;
  /** The exact bytes that are signed: type word, then one word a field (a key two), in the layout's order. */
  encode(networkId: Hex, value: ValueOf<Fields>): Uint8Array;
  /** SHA-256 of {@link encode}: the object's id. */
  id(networkId: Hex, value: ValueOf<Fields>): Hex;
  sign(networkId: Hex, value: ValueOf<Fields>, signer: Signer): Promise<Signed<ValueOf<Fields>>>;
  verify(
    networkId: Hex,
    signed: Signed<ValueOf<Fields>>,
    publicKey: Hex,
    verifier: Verifier,
  ): Promise<boolean> | boolean;
  parse(json: unknown): Result<ValueOf<Fields>, ParseRefusal>;
  parseSigned(json: unknown): Result<Signed<ValueOf<Fields>>, ParseRefusal>;
}

/** Defines a type of signed object by the names and kinds of its fields, in the order they are encoded. */
export function signedObject<const Fields extends Layout>(
  name: string,
  layout: Fields,
): SignedObject<Fields> {
  type Value = ValueOf<Fields>;
  const fields = Object.entries(layout) as [string & keyof Fields, FieldKind][];

  const wordCount = 1 + fields.reduce((words, [, kind]) => words + wordsOf(kind), 0);
  const encode = (networkId: Hex, value: Value): Uint8Array => {
    const bytes = new Uint8Array(wordCount * wordBytes);
    bytes.set(typeWordBytes(name, networkId));
    let offset = wordBytes;
    for (const [field, kind] of fields) {
      writeField(bytes, offset, kind, value[field]);
      offset += wordsOf(kind) * wordBytes;
    }
    return bytes;
  };

  const parse = (json: unknown): Result<Value, ParseRefusal> => {
    if (!isRecord(json)) return refuse('not-an-object', `${name} is not a JSON object`);
    const value: Record<string, unknown> = {};
    for (const [field, kind] of fields) {
      if (!Object.hasOwn(json, field)) return refuse('missing-field', `${name}.${field} is missing`);
      const wrong = fieldFault(kind, json[field]);
      if (wrong !== undefined) return refuse('bad-field', `${name}.${field} is not ${wrong}`);
      value[field] = kind === 'sealedText' ? copySealed(json[field] as SealedText) : json[field];
    }
    const unknown = Object.keys(json).find((field) => !Object.hasOwn(layout, field));
    if (unknown !== undefined)
      return refuse('unknown-field', `${name} has no field of the name ${printable(unknown)}`);
    return accept(value as Value);
  };

  return {
    name,
    layout,
    encode,
    id: (networkId, value) => sha256(encode(networkId, value)),
    sign: async (networkId, value, signer) => ({
      value,
      signature: await signBytes(signer, encode(networkId, value)),
    }),
    verify: (networkId, signed, publicKey, verifier) =>
      verifyBytes(verifier, publicKey, encode(networkId, signed.value), signed.signature),
    parse,
    parseSigned(json) {
      if (!isRecord(json)) return refuse('not-an-object', `signed ${name} is not a JSON object`);
      if (!Object.hasOwn(json, 'value')) return refuse('missing-field', `signed ${name} has no value`);
      const value = parse(json.value);
      if (!value.ok) return value;
      const unknown = Object.keys(json).find((field) => field !== 'value' && field !== 'signature');
      if (unknown !== undefined)
        return refuse('unknown-field', `signed ${name} has no field of the name ${printable(unknown)}`);
      if (!isHex(json.signature, 64))
        return refuse('bad-signature-form', `the signature of ${name} is not 64 bytes of lower-case hex`);
      return accept({ value: value.value, signature: json.signature });
    },
  };
}

/** Whether the value is a plain JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A foreign text made fit for a message: ASCII, short. */
export function printable(foreign: string): string {
  return JSON.stringify(foreign.slice(0, 40).replace(/[^\x20-\x7e]/g, '?'));
}

const wordsOf = (kind: FieldKind): number => (kind === 'publicKey' ? 2 : 1);

/** Writes a field's words into zero bytes at `offset`. */
function writeField(bytes: Uint8Array, offset: number, kind: FieldKind, value: unknown): void {
  const end = offset + wordBytes;
  if (kind === 'bytes32' || kind === 'address') writeHex(bytes, end, value as Hex);
  else if (kind === 'publicKey') writeHex(bytes, end + wordBytes, value as Hex);
  else if (kind === 'uint') writeUint(bytes, offset, value as number);
  else if (kind === 'flag') writeUint(bytes, offset, value ? 1 : 0);
  else if (kind === 'text') writeText(bytes, offset, value as string);
  else if (kind === 'sealedText')
    writeHex(bytes, end, sealedText((value as SealedText).salt, (value as SealedText).text));
  else writeUint(bytes, offset, kind.indexOf(value as string));
}

/** What the value should have been, or undefined where it is. */
function fieldFault(kind: FieldKind, value: unknown): string | undefined {
  if (kind === 'bytes32') return isHex(value, 32) ? undefined : '32 bytes of lower-case hex';
  if (kind === 'address') return isHex(value, 20) ? undefined : '20 bytes of lower-case hex';
  if (kind === 'publicKey') return isHex(value, 64) ? undefined : 'a P-256 key as 64 bytes of lower-case hex';
  if (kind === 'uint')
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? undefined
      : `an integer from 0 to ${maxUint}`;
  if (kind === 'flag') return typeof value === 'boolean' ? undefined : 'true or false';
  if (kind === 'text') return isText(value) ? undefined : '1 to 32 printable ASCII characters';
  if (kind === 'sealedText')
    return isSealed(value) ? undefined : 'a text of 1 to 64 printable ASCII characters with its 32-byte salt';
  return typeof value === 'string' && kind.includes(value) ? undefined : `one of ${kind.join(', ')}`;
}

function isSealed(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.keys(value).length === 2 &&
    isHex(value.salt, 32) &&
    typeof value.text === 'string' &&
    /^[\x20-\x7e]{1,64}$/.test(value.text)
  );
}

const copySealed = (value: SealedText): SealedText => ({ salt: value.salt, text: value.text });
