import { fromBytes, type Hex } from './Hex.ts';

/** DER of a signature r‖s of any curve (X9.62 ECDSA-Sig-Value): SEQUENCE of two INTEGERs. */
export function derFromRaw(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const body = [...derInteger(raw.subarray(0, half)), ...derInteger(raw.subarray(half))];
  return Uint8Array.from([0x30, ...(body.length < 0x80 ? [] : [0x81]), body.length, ...body]);
}

function derInteger(value: Uint8Array): number[] {
  let from = 0;
  while (from < value.length - 1 && value[from] === 0) from += 1;
  const digits = [...value.subarray(from)];
  if ((digits[0] as number) & 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}

/**
 * r‖s with `fieldBytes` bytes each out of a meter's DER; undefined where it is none. Integers without
 * the sign byte that DER demands are taken too, since real meters write them; bytes left over are not.
 */
export function rawFromDer(der: Uint8Array, fieldBytes: number): Uint8Array | undefined {
  let at = der[1] === 0x81 ? 3 : 2;
  if (der[0] !== 0x30 || der[at - 1] !== der.length - at) return undefined;
  const raw = new Uint8Array(2 * fieldBytes);
  for (const offset of [0, fieldBytes]) {
    const length = der[at + 1];
    if (der[at] !== 0x02 || length === undefined || length === 0 || at + 2 + length > der.length)
      return undefined;
    let from = at + 2;
    at = from + length;
    while (from < at && der[from] === 0) from += 1;
    if (at - from > fieldBytes) return undefined;
    raw.set(der.subarray(from, at), offset + fieldBytes - (at - from));
  }
  return at === der.length ? raw : undefined;
}

/** The same as hex, for records that carry DER as text. */
export const derHex = (raw: Uint8Array): Hex => fromBytes(derFromRaw(raw));
