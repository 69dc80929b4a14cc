import * as crypto from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { expect, test } from 'vitest';
import { CardFault, type CardPort, cardApplicationId, cardSigner } from './cardSigner.ts';
import { derFromRaw } from './EcdsaSignature.ts';
import { toBytes } from './Hex.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { hasLowS, signBytes, verifyBytes } from './Signer.ts';
import { testKey } from './testing/world.ts';

const key = testKey('card');
const bytes = new TextEncoder().encode('an authorization');
const ok = [0x90, 0x00];

/** A card in memory: parses each command, keeps its state between them and really signs the hash it is given. */
function memoryCard(
  options: { der?: boolean; chunk?: number; publicKey?: number[] } = {},
): CardPort & { commands: number } {
  let selected = false;
  let pending: number[] = [];
  const answer = (data: number[]): number[] => {
    const { chunk } = options;
    if (chunk === undefined || data.length <= chunk) return [...data, ...ok];
    pending = data.slice(chunk);
    return [...data.slice(0, chunk), 0x61, Math.min(pending.length, 255)];
  };
  const card = {
    commands: 0,
    transceive(command: Uint8Array): Uint8Array {
      card.commands += 1;
      const [, ins, p1, p2, lc = 0] = command;
      const data = [...command.subarray(5, 5 + lc)];
      if (ins === 0xa4) {
        selected = data.join() === [...cardApplicationId].join();
        return Uint8Array.from(selected ? ok : [0x6a, 0x82]);
      }
      if (ins === 0xc0) return Uint8Array.from(answer(pending));
      if (!selected) return Uint8Array.from([0x69, 0x85]);
      if (ins === 0xca && p1 === 1 && p2 === 1)
        return Uint8Array.from(answer(options.publicKey ?? [4, ...toBytes(key.publicKey)]));
      if (ins === 0x88 && lc === 32) {
        const raw = p256.sign(Uint8Array.from(data), toBytes(key.privateKey), {
          prehash: false,
          lowS: false,
        });
        return Uint8Array.from(answer([...(options.der ? derFromRaw(raw) : raw)]));
      }
      return Uint8Array.from([0x6d, 0x00]);
    },
  };
  return card;
}

test.each([
  ['r‖s', {}],
  ['DER', { der: true }],
  ['in pieces', { der: true, chunk: 20 }],
])('a card signs, %s', async (_, options) => {
  const signer = await cardSigner(memoryCard(options));
  expect(signer.publicKey).toBe(key.publicKey);
  const signature = await signBytes(signer, bytes);
  expect(hasLowS(toBytes(signature))).toBe(true);
  expect(verifyBytes(nodeCryptoVerifier(crypto), key.publicKey, bytes, signature)).toBe(true);
});

test('each signature costs one command', async () => {
  const card = memoryCard();
  const signer = await cardSigner(card);
  expect(card.commands).toBe(2);
  await signer.sign(bytes);
  expect(card.commands).toBe(3);
});

test.each([
  ['another card', { transceive: () => Uint8Array.from([0x6a, 0x82]) }, 0x6a82],
  ['a card that leaves', { transceive: () => new Uint8Array(0) }, 0],
  ['a card without a key', memoryCard({ publicKey: [] }), 0x9000],
  [
    'a card with a point off the curve',
    memoryCard({ publicKey: [4, ...new Array<number>(64).fill(1)] }),
    0x9000,
  ],
  [
    'a card that never ends',
    { transceive: () => Uint8Array.from([...new Array<number>(200).fill(1), 0x61, 0x10]) },
    0x6110,
  ],
])('%s is a fault with its status', async (_, card: CardPort, status) => {
  const fault = await cardSigner(card).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(CardFault);
  expect((fault as CardFault).status).toBe(status);
});

test('a card that answers with nonsense does not sign', async () => {
  const card = memoryCard();
  const broken: CardPort = {
    transceive: (command) =>
      command[1] === 0x88 ? Uint8Array.from([1, 2, 3, ...ok]) : card.transceive(command),
  };
  const signer = await cardSigner(broken);
  await expect(async () => signer.sign(bytes)).rejects.toThrow(CardFault);
});
