import { createHash } from 'node:crypto';
import { keccak256 } from 'viem';

/** What must not be on a chain: a text of a person, and what kind it is, such as `eMAID`. */
export type PersonalText = { readonly kind: string; readonly text: string };

/** A text that was found: as what, and at which byte. */
export type PersonalFind = PersonalText & {
  /** Such as `plain`, `sha256`, `keccak256 of the lower-case form`. */
  readonly form: string;
  readonly offset: number;
};

/** Looks for the texts in bytes; each of them, in any of its forms, is found wherever it begins. */
export type PersonalDataFinder = {
  /** Patterns that are looked for. */
  readonly patterns: number;
  find(bytes: Uint8Array): readonly PersonalFind[];
};

/** How many bytes of a pattern are looked up at once: as many as a number counts exactly. */
const headBytes = 6;

type Pattern = { readonly bytes: Uint8Array; readonly found: Omit<PersonalFind, 'offset'> };

/**
 * A finder for texts as they might come to a chain: plain, in UTF-8 and UTF-16, or as an unsalted hash; as written, in
 * lower and upper case, without separators, and of eMAIDs and EVSE-IDs with the separators of the standard. A hash is also
 * found where it was hashed again, written as text, or cut to 20 bytes. A plain text of fewer than six bytes counts only
 * where zeros follow it, as in a word or a string of the ABI: else chance would find it.
 */
export function personalDataFinder(texts: readonly PersonalText[]): PersonalDataFinder {
  const byHead = new Map<number, Pattern[]>();
  let patterns = 0;
  const add = (bytes: Uint8Array, found: Pattern['found']) => {
    if (bytes.length < headBytes) throw new RangeError('a pattern is long enough to be looked up');
    const head = headOf(bytes, 0);
    const others = byHead.get(head);
    const isKnown = others?.some((one) => Buffer.compare(one.bytes, bytes) === 0) ?? false;
    if (isKnown) return;
    patterns += 1;
    if (others === undefined) byHead.set(head, [{ bytes, found }]);
    else others.push({ bytes, found });
  };
  for (const personal of texts)
    for (const [form, text] of formsOf(personal.text)) {
      const of = (what: string) => ({
        ...personal,
        form: form === '' ? what : `${what} of the ${form} form`,
      });
      const plain = Buffer.from(text, 'utf8');
      const isShort = plain.length < headBytes;
      add(isShort ? Buffer.concat([plain, Buffer.alloc(headBytes)]) : plain, of('plain'));
      add(Buffer.from(isShort ? `${text}${'\0'.repeat(headBytes)}` : text, 'utf16le'), of('UTF-16'));
      for (const [name, hash] of hashesOf(plain)) {
        add(hash.subarray(0, Math.min(hash.length, 20)), of(name));
        add(Buffer.from(hash.toString('hex')), of(`${name} as text`));
        for (const [again, twice] of hashesOf(hash)) add(twice.subarray(0, 20), of(`${again} of ${name}`));
      }
    }
  return {
    patterns,
    find(bytes) {
      const finds: PersonalFind[] = [];
      if (bytes.length < headBytes) return finds;
      let head = headOf(bytes, 0);
      for (let offset = 0; ; offset += 1) {
        for (const { bytes: pattern, found } of byHead.get(head) ?? [])
          if (startsAt(bytes, offset, pattern)) finds.push({ ...found, offset });
        const next = offset + headBytes;
        if (next >= bytes.length) return finds;
        head = (head % 2 ** (8 * (headBytes - 1))) * 256 + (bytes[next] as number);
      }
    },
  };
}

function formsOf(text: string): ReadonlyMap<string, string> {
  const bare = text.replaceAll(/[-*\s]/g, '');
  const forms: [string, string][] = [
    ['', text],
    ['lower-case', text.toLowerCase()],
    ['upper-case', text.toUpperCase()],
    ['bare', bare],
    ['bare lower-case', bare.toLowerCase()],
    ['bare upper-case', bare.toUpperCase()],
  ];
  // DE-AAA-C12345678-X and DE*ABC*E123: country, party, rest.
  const id = /^([A-Z]{2})([A-Z0-9]{3})([A-Z0-9]{2,})$/i.exec(bare);
  if (id !== null)
    for (const separator of ['-', '*']) {
      const [, country, party, rest = ''] = id;
      forms.push([`separated (${separator})`, [country, party, rest].join(separator)]);
      if (separator === '-')
        forms.push([
          'separated (- with check digit)',
          [country, party, rest.slice(0, -1), rest.slice(-1)].join('-'),
        ]);
    }
  return new Map(forms.map(([name, form]) => [name, form]));
}

function hashesOf(bytes: Uint8Array): readonly (readonly [string, Buffer])[] {
  const native = (name: string) => createHash(name).update(bytes).digest();
  return [
    ['sha256', native('sha256')],
    ['keccak256', Buffer.from(keccak256(bytes).slice(2), 'hex')],
    ['sha3-256', native('sha3-256')],
    ['sha1', native('sha1')],
    ['sha512', native('sha512')],
    ['md5', native('md5')],
  ];
}

function headOf(bytes: Uint8Array, from: number): number {
  let head = 0;
  for (let at = from; at < from + headBytes; at += 1) head = head * 256 + (bytes[at] as number);
  return head;
}

function startsAt(bytes: Uint8Array, offset: number, pattern: Uint8Array): boolean {
  if (offset + pattern.length > bytes.length) return false;
  for (let at = headBytes; at < pattern.length; at += 1) if (bytes[offset + at] !== pattern[at]) return false;
  return true;
}
