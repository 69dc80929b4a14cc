import { accept, type Result, refuse } from './Result.ts';

/** What any field of untrusted JSON can be refused for. */
export type JsonRefusal =
  | 'not-an-object'
  | 'not-a-list'
  | 'missing-field'
  | 'unsupported-field'
  | 'empty-list'
  | 'too-many'
  | 'not-a-text'
  | 'invalid-text'
  | 'unknown-value'
  | 'not-a-number'
  | 'negative'
  | 'not-whole'
  | 'too-many-decimals'
  | 'out-of-range'
  | 'invalid-time';

/** A place in untrusted JSON: its value, its path for people, and where to report what is wrong. */
export interface JsonField<Refusal extends string> {
  readonly value: unknown;
  readonly path: string;
  readonly report: (refusal: Refusal, detail: string) => void;
}

/**
 * Reads untrusted JSON with `read`, which takes the fields it needs one after the other. Readers
 * answer a wrong field with a stand-in and report it; the first report, in the order of reading, is
 * the refusal of the whole. Nothing here throws on any JSON value.
 */
export function readJson<Value, Refusal extends string>(
  json: unknown,
  read: (root: JsonField<Refusal | JsonRefusal>) => Value,
): Result<Value, Refusal | JsonRefusal> {
  let first: { readonly refusal: Refusal | JsonRefusal; readonly detail: string } | undefined;
  const value = read({
    value: json,
    path: '',
    report: (refusal, detail) => {
      first ??= { refusal, detail };
    },
  });
  return first === undefined ? accept(value) : refuse(first.refusal, first.detail);
}

/**
 * Reads untrusted JSON as a list of at most `atMost` values, no two of one name. `nameOf` says in words what tells them
 * apart; a second one of a name is reported as `refusal`.
 */
export function readDistinct<Value, Refusal extends string>(
  json: unknown,
  atMost: number,
  read: (field: JsonField<Refusal | JsonRefusal>) => Value,
  nameOf: (value: Value) => string,
  refusal: Refusal,
): Result<readonly Value[], Refusal | JsonRefusal> {
  return readJson<readonly Value[], Refusal>(json, (root) => {
    const known = new Set<string>();
    return items(root, 0, atMost).map((field) => {
      const value = read(field);
      const name = nameOf(value);
      if (known.has(name)) reportAt(field, refusal, `a second ${name}`);
      known.add(name);
      return value;
    });
  });
}

type Field = JsonField<JsonRefusal>;

/** Reports at a field; the detail leads with the path, e.g. `elements[0].price: …`. */
export function reportAt<Refusal extends string>(
  field: JsonField<Refusal>,
  refusal: Refusal,
  words: string,
): void {
  field.report(refusal, field.path === '' ? words : `${field.path}: ${words}`);
}

function record(field: Field): Readonly<Record<string, unknown>> {
  if (typeof field.value === 'object' && field.value !== null && !Array.isArray(field.value)) {
    return field.value as Readonly<Record<string, unknown>>;
  }
  reportAt(field, 'not-an-object', 'expected an object');
  return {};
}

/** The named members of an object, each as a field; `null` counts as absent (OCPI, Response Data). */
export function members<Refusal extends string>(
  field: JsonField<Refusal | JsonRefusal>,
): {
  readonly names: readonly string[];
  readonly optional: (name: string) => JsonField<Refusal | JsonRefusal> | undefined;
  readonly required: (name: string) => JsonField<Refusal | JsonRefusal>;
} {
  const object = record(field);
  const at = (name: string): JsonField<Refusal | JsonRefusal> => ({
    value: Object.hasOwn(object, name) ? object[name] : undefined,
    path: field.path === '' ? name : `${field.path}.${name}`,
    report: field.report,
  });
  const optional = (name: string) => {
    const member = at(name);
    return member.value === undefined || member.value === null ? undefined : member;
  };
  return {
    names: Object.keys(object),
    optional,
    required: (name) => {
      const member = optional(name);
      if (member === undefined) reportAt(at(name), 'missing-field', 'is required');
      return member ?? at(name);
    },
  };
}

/** Refuses an object with a member that is not among `known`: a misspelled one must not pass in silence. */
export function refuseOthers(field: Field, names: readonly string[], known: readonly string[]): void {
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined)
    reportAt(field, 'unsupported-field', `${other} is not known here; known are ${known.join(', ')}`);
}

/** The items of a list of `atLeast` to `atMost`, each as a field. */
export function items<Refusal extends string>(
  field: JsonField<Refusal | JsonRefusal>,
  atLeast: number,
  atMost: number,
): readonly JsonField<Refusal | JsonRefusal>[] {
  if (!Array.isArray(field.value)) {
    reportAt(field, 'not-a-list', 'expected a list');
    return [];
  }
  if (field.value.length < atLeast) reportAt(field, 'empty-list', `expected at least ${atLeast}`);
  if (field.value.length > atMost) {
    reportAt(field, 'too-many', `expected at most ${atMost}, got ${field.value.length}`);
    return [];
  }
  return field.value.map((value: unknown, index) => ({
    value,
    path: `${field.path}[${index}]`,
    report: field.report,
  }));
}

/** A text of a shape; `shape` says in words what `pattern` asks for. */
export function text(field: Field, pattern: RegExp, shape: string): string {
  if (typeof field.value !== 'string') {
    reportAt(field, 'not-a-text', 'expected a text');
    return '';
  }
  if (pattern.test(field.value) && field.value.isWellFormed()) return field.value;
  reportAt(field, 'invalid-text', `expected ${shape}`);
  return '';
}

/** One of the given names, exactly. */
export function oneOf<Name extends string>(field: Field, names: readonly Name[]): Name {
  const found = names.find((name) => name === field.value);
  if (found === undefined) reportAt(field, 'unknown-value', `expected one of ${names.join(', ')}`);
  return found ?? (names[0] as Name);
}

/**
 * A decimal number from 0 to `most`, as an integer of its last allowed decimal place: exactly what
 * the shortest decimal notation of the number says (0.29 with six places is 290000).
 */
export function decimal(field: Field, places: number, most: number): number {
  if (typeof field.value !== 'number' || !Number.isFinite(field.value)) {
    reportAt(field, 'not-a-number', 'expected a number');
    return 0;
  }
  const notation = String(field.value);
  const [whole = '', fraction = ''] = notation.split('.');
  if (notation.startsWith('-')) reportAt(field, 'negative', 'must not be negative');
  else if (field.value > most) reportAt(field, 'out-of-range', `must be at most ${most}`);
  else if (notation.includes('e') || fraction.length > places) {
    reportAt(field, 'too-many-decimals', `has more than ${places} decimals`);
  } else return Number(whole + fraction.padEnd(places, '0'));
  return 0;
}

/** As `decimal`, from `-most` on. */
export function signedDecimal(field: Field, places: number, most: number): number {
  const { value } = field;
  if (typeof value !== 'number' || value >= 0) return decimal(field, places, most);
  const magnitude = decimal({ ...field, value: -value }, places, most);
  return magnitude === 0 ? 0 : -magnitude;
}

/** A whole number from `least` (0 or more) to `most`. */
export function whole(field: Field, least: number, most: number): number {
  if (typeof field.value !== 'number' || !Number.isFinite(field.value)) {
    reportAt(field, 'not-a-number', 'expected a number');
  } else if (field.value < 0) reportAt(field, 'negative', 'must not be negative');
  else if (!Number.isInteger(field.value)) reportAt(field, 'not-whole', 'must be a whole number');
  else if (field.value < least || field.value > most) {
    reportAt(field, 'out-of-range', `must be ${least} to ${most}`);
  } else return field.value === 0 ? 0 : field.value;
  return least;
}

/** A whole number from `least` to `most`, either of which may be negative. */
export function integer(field: Field, least: number, most: number): number {
  if (typeof field.value !== 'number' || !Number.isFinite(field.value)) {
    reportAt(field, 'not-a-number', 'expected a number');
  } else if (!Number.isInteger(field.value)) reportAt(field, 'not-whole', 'must be a whole number');
  else if (field.value < least || field.value > most) {
    reportAt(field, 'out-of-range', `must be ${least} to ${most}`);
  } else return field.value === 0 ? 0 : field.value;
  return least;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z?$/;

/**
 * An OCPI DateTime as epoch seconds after 1970: RFC 3339 in UTC with `Z` or no designator, nothing
 * else (OCPI 2.2.1 types, DateTime). Fractions of a second are dropped; leap seconds are refused.
 */
export function dateTime(field: Field): number {
  const parts = typeof field.value === 'string' ? DATE_TIME.exec(field.value) : null;
  if (parts !== null) {
    const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const at = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
    if (at > 0 && printDateTime(at).slice(0, 19) === parts[0].slice(0, 19)) return at;
  }
  reportAt(field, 'invalid-time', 'expected a UTC time such as 2026-01-31T12:00:00Z');
  return 1;
}

/** Epoch seconds as an OCPI DateTime, e.g. `2026-01-31T12:00:00Z`. */
export function printDateTime(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}
