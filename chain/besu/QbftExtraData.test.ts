import fc from 'fast-check';
import { type Address, getAddress, type Hex, toRlp } from 'viem';
import { expect, test } from 'vitest';
import { decodeQbftExtraData, encodeQbftExtraData } from './QbftExtraData.ts';

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Address);

// Besu documentation, "Configure QBFT consensus", the example of a genesis file: four validators.
const documented: Hex =
  '0xf87aa00000000000000000000000000000000000000000000000000000000000000000f8549464a702e6263b7297a96638cac6ae65e6541f4169943923390ad55e90c237593b3b0e401f3b08a0318594aefdb9a738c9f433e5b6b212a6d62f6370c2f69294c7eeb9a4e00ce683cf93039b212648e01c6c6b78c080c0';
const documentedValidators: readonly Address[] = [
  '0x64a702e6263b7297a96638cac6ae65e6541f4169',
  '0x3923390ad55e90c237593b3b0e401f3b08a03185',
  '0xaefdb9a738c9f433e5b6b212a6d62f6370c2f692',
  '0xc7eeb9a4e00ce683cf93039b212648e01c6c6b78',
];

test('the documented example is read, and made again byte for byte but for the order', () => {
  expect(decodeQbftExtraData(documented)).toEqual({
    ok: true,
    value: {
      vanity: `0x${'00'.repeat(32)}`,
      validators: documentedValidators.map((one) => getAddress(one)),
    },
  });
  // The example lists its validators as it likes; ours are in ascending order, which its text asks for.
  const swapped = documented
    .replace(documentedValidators[0]?.slice(2) ?? '', 'first')
    .replace(documentedValidators[1]?.slice(2) ?? '', 'second')
    .replace('first', documentedValidators[1]?.slice(2) ?? '')
    .replace('second', documentedValidators[0]?.slice(2) ?? '');
  expect(encodeQbftExtraData(documentedValidators)).toBe(swapped);
  // The same page: what stands in a genesis with a validator contract.
  expect(encodeQbftExtraData([])).toBe(`0xe5a0${'00'.repeat(32)}c0c080c0`);
});

test('whoever the validators are, they are read again, in order, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(address, { maxLength: 40 }), (validators) => {
      const bytes = encodeQbftExtraData(validators);
      expect(encodeQbftExtraData([...validators].reverse())).toBe(bytes);
      const decoded = decodeQbftExtraData(bytes);
      expect(decoded.ok && decoded.value.validators).toEqual(
        validators.toSorted().map((one) => getAddress(one)),
      );
    }),
  );
});

test('what is no extra data of a genesis block is refused by what is wrong with it', () => {
  const vanity: Hex = `0x${'00'.repeat(32)}`;
  const one: Hex = `0x${'11'.repeat(20)}`;
  const refused = (bytes: Hex) => {
    const decoded = decodeQbftExtraData(bytes);
    return decoded.ok ? 'read' : decoded.detail;
  };
  expect(refused('0x')).toBe('not RLP in its one form');
  expect(refused(`${documented}00`)).toBe('not RLP');
  // A short list, said in the way for long ones.
  expect(refused('0xf803c0c0c0')).toBe('not RLP');
  expect(refused('0xf8')).toBe('not RLP');
  expect(refused(toRlp('0x12'))).toBe('not a list of five');
  expect(refused(toRlp([vanity, [one], [], '0x']))).toBe('not a list of five');
  expect(refused(toRlp(['0x00', [one], [], '0x', []]))).toBe('vanity');
  expect(refused(toRlp([vanity, ['0x11'], [], '0x', []]))).toBe('validators');
  expect(refused(toRlp([vanity, one, [], '0x', []]))).toBe('validators');
  expect(refused(toRlp([vanity, [one], [one, '0xff'], '0x', []]))).toBe('vote');
  expect(refused(toRlp([vanity, [one], [], '0x01', []]))).toBe('round');
  expect(refused(toRlp([vanity, [one], [], '0x', [one]]))).toBe('seals');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const hex: Hex = `0x${Buffer.from(bytes).toString('hex')}`;
      const decoded = decodeQbftExtraData(hex);
      if (decoded.ok) expect(encodeQbftExtraData(decoded.value.validators)).toBe(hex);
    }),
  );
});
