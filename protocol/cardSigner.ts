import { rawFromDer } from './EcdsaSignature.ts';
import { fromBytes } from './Hex.ts';
import { isPublicKey, type Signer } from './Signer.ts';
import { sha256Bytes } from './sha256.ts';

/** A smartcard in a reader, or a card in a phone's field: sends one command APDU, answers with the response APDU. */
export interface CardPort {
  transceive(command: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** A card said no, or left the field. `status` is its status word (ISO/IEC 7816-4 §5.6), 0 where none came. */
export class CardFault extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(`${message} (${status.toString(16).padStart(4, '0')})`);
    this.name = 'CardFault';
    this.status = status;
  }
}

/** Application identifier: unregistered category F (ISO/IEC 7816-4 §8.2.1.2), then `P2PPOWER1` in ASCII. */
export const cardApplicationId = Uint8Array.from(
  [0xf0, ...'P2PPOWER1'].map((c) => (typeof c === 'number' ? c : c.charCodeAt(0))),
);

/**
 * A signer over a smartcard with a P-256 key, in three commands (ISO/IEC 7816-4):
 *
 * | command | bytes | answer |
 * |---|---|---|
 * | SELECT by name | `00 A4 04 00 0A` application id `00` | – |
 * | GET DATA, public key | `00 CA 01 01 00` | 65 bytes `04`‖x‖y |
 * | INTERNAL AUTHENTICATE | `00 88 00 00 20` SHA-256 of the bytes `00` | signature, r‖s or DER |
 *
 * The first two are sent once, here; each signature then costs one command. Throws {@link CardFault}.
 */
export async function cardSigner(card: CardPort): Promise<Signer> {
  await send(
    card,
    [0x00, 0xa4, 0x04, 0x00, cardApplicationId.length, ...cardApplicationId, 0x00],
    'card has no application of ours',
  );
  const point = await send(card, [0x00, 0xca, 0x01, 0x01, 0x00], 'card gives no public key');
  const publicKey = fromBytes(point.subarray(1));
  if (point[0] !== 0x04 || !isPublicKey(publicKey)) throw new CardFault('card has no P-256 key', 0x9000);
  return {
    publicKey,
    async sign(bytes) {
      const command = [0x00, 0x88, 0x00, 0x00, 0x20, ...sha256Bytes(bytes), 0x00];
      const answer = await send(card, command, 'card does not sign');
      const signature = answer.length === 64 ? answer : rawFromDer(answer, 32);
      if (signature === undefined) throw new CardFault('card answered no signature', 0x9000);
      return signature;
    },
  };
}

/** The data of the response to one command; more of it is fetched by GET RESPONSE where the card says so. */
async function send(card: CardPort, command: readonly number[], words: string): Promise<Uint8Array> {
  const data: number[] = [];
  let next = Uint8Array.from(command);
  for (;;) {
    const response = await card.transceive(next);
    if (response.length < 2) throw new CardFault(`${words}: it left the field`, 0);
    const [sw1, sw2] = [response.at(-2) as number, response.at(-1) as number];
    data.push(...response.subarray(0, -2));
    if (sw1 === 0x90 && sw2 === 0x00) return Uint8Array.from(data);
    if (sw1 !== 0x61 || data.length > 512) throw new CardFault(words, sw1 * 256 + sw2);
    next = Uint8Array.from([0x00, 0xc0, 0x00, 0x00, sw2]);
  }
}
