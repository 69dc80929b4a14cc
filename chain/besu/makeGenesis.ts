import { type Address, type Hex, numberToHex } from 'viem';
import { type KeyedBesuNetwork, validatorOf } from './BesuNetwork.ts';
import { encodeQbftExtraData } from './QbftExtraData.ts';

/** Gas of one block: some 300 settlements, or six transactions of the most that EIP-7825 allows one. */
export const blockGasLimit = 100_000_000;

/** What Besu reads as a genesis file. */
export type BesuGenesis = {
  readonly config: {
    readonly chainId: number;
    readonly [milestone: `${string}Block` | `${string}Time`]: 0;
    readonly contractSizeLimit: number;
    readonly zeroBaseFee: true;
    readonly qbft: {
      readonly blockperiodseconds: number;
      readonly epochlength: number;
      readonly requesttimeoutseconds: number;
    };
  };
  readonly nonce: Hex;
  readonly timestamp: Hex;
  readonly extraData: Hex;
  readonly gasLimit: Hex;
  readonly difficulty: Hex;
  readonly mixHash: Hex;
  readonly coinbase: Address;
  readonly baseFeePerGas: Hex;
  readonly alloc: Readonly<Record<Address, { readonly balance: Hex }>>;
};

/** By this value of `mixHash` Besu knows a block of its Byzantine fault tolerant consensus. */
const bftMixHash: Hex = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';

/**
 * The genesis of a QBFT network: all milestones up to Osaka from the beginning, so that P256VERIFY (EIP-7951) is there
 * and EIP-7825 caps a transaction at 2^24 gas; a base fee of zero for ever; the providers' keys as validators. No
 * terminal total difficulty (a QBFT chain never merges) and none of the addresses of Ethereum's staking contracts,
 * without which Besu leaves their system calls out for QBFT.
 *
 * The same network gives the same bytes: every provider can make the file and compare it.
 *
 * Sources: Besu documentation, "Configure QBFT consensus", "Genesis file items", "Configure free gas networks"; the
 * milestones are those of Besu's own acceptance test of QBFT on Osaka.
 */
export function makeGenesis(network: KeyedBesuNetwork): BesuGenesis {
  return {
    config: {
      chainId: network.chainId,
      homesteadBlock: 0,
      eip150Block: 0,
      eip158Block: 0,
      byzantiumBlock: 0,
      constantinopleBlock: 0,
      petersburgBlock: 0,
      istanbulBlock: 0,
      berlinBlock: 0,
      londonBlock: 0,
      shanghaiTime: 0,
      cancunTime: 0,
      pragueTime: 0,
      osakaTime: 0,
      contractSizeLimit: 24_576,
      zeroBaseFee: true,
      qbft: {
        blockperiodseconds: network.blockPeriodS,
        epochlength: 30_000,
        requesttimeoutseconds: 2 * network.blockPeriodS,
      },
    },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: encodeQbftExtraData(network.providers.map(validatorOf)),
    gasLimit: numberToHex(blockGasLimit),
    difficulty: '0x1',
    mixHash: bftMixHash,
    coinbase: `0x${'00'.repeat(20)}`,
    baseFeePerGas: '0x0',
    alloc: Object.fromEntries(
      Object.entries(network.balances)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([account, balance]) => [account, { balance: numberToHex(balance) }]),
    ),
  };
}
