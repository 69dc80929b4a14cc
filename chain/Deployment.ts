import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  type Abi,
  type Address,
  encodeDeployData,
  getContractAddress,
  type Hex,
  isAddress,
  isHex,
  type PublicClient,
  padHex,
  stringToHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { type ChainSigner, createRpc } from './ChainClient.ts';
import { ChainFault, withChainFaults } from './ChainFault.ts';
import { chargeTokenAbi, chargeTokenBytecode } from './generated/ChargeToken.ts';
import { clearingAbi, clearingBytecode } from './generated/Clearing.ts';
import { consortiumAbi, consortiumBytecode } from './generated/Consortium.ts';
import { forcedClaimsAbi, forcedClaimsBytecode } from './generated/ForcedClaims.ts';
import { meterReaderAbi, meterReaderBytecode } from './generated/MeterReader.ts';
import { peeringAbi, peeringBytecode } from './generated/Peering.ts';
import { pricingAbi, pricingBytecode } from './generated/Pricing.ts';
import { type TimeZoneRule, timeZoneRules } from './timeZoneRules.ts';

/** Where the contracts of a consortium are: what every provider is told once. */
export type Deployment = {
  readonly chainId: number;
  readonly networkId: Hex;
  /** The block of the first of the contracts: there are no events before it. */
  readonly block: number;
  readonly consortium: Address;
  readonly chargeToken: Address;
  readonly peering: Address;
  readonly clearing: Address;
  readonly forcedClaims: Address;
};

export type FoundingMember = {
  readonly memberId: Hex;
  readonly account: Address;
  readonly url: string;
  readonly keys: readonly { readonly x: Hex; readonly y: Hex }[];
  readonly issuanceLimitMicro: bigint;
};

/** What a deployment takes over from the closed token of the one before; chain/Succession.ts computes it. */
export type CarryOver = {
  readonly predecessor: Address;
  /** Of the tree of what each account had. */
  readonly root: Hex;
  readonly positions: readonly { readonly memberId: Hex; readonly positionMicro: bigint }[];
};

function encodeCarryOver(carried: CarryOver | undefined) {
  if (carried === undefined) return { predecessor: zeroAddress, root: zeroHash, positions: [] };
  const { predecessor, root, positions } = carried;
  return { predecessor, root, positions };
}

/**
 * Founds a consortium: deploys its contracts. Any account may do it and keeps no rights. The token is made for the
 * address that Clearing will have and Clearing for that of ForcedClaims, and each refuses to be made for another partner.
 * `timeZones` are those in which prices can be computed anew; the members can add to them and change them by vote.
 *
 * Throws `ChainFault`; trying again deploys anew, which harms nobody, because nobody knows of the first.
 */
export async function deployContracts(options: {
  readonly rpcUrl: string;
  readonly signer: ChainSigner;
  readonly networkId: Hex;
  readonly members: readonly FoundingMember[];
  readonly currency?: string;
  readonly carryOver?: CarryOver;
  readonly timeZones?: readonly TimeZoneRule[];
}): Promise<Deployment> {
  return withChainFaults(async () => {
    const { signer, members } = options;
    const rpc = createRpc(options.rpcUrl);
    const chainId = await rpc.getChainId();
    const nonce = await rpc.getTransactionCount({ address: signer.address, blockTag: 'pending' });
    const addressAt = (offset: number) =>
      getContractAddress({ from: signer.address, nonce: BigInt(nonce + offset) });
    const [consortium, peering, chargeToken, clearing, pricing, meterReader, forcedClaims] = Array.from(
      { length: 7 },
      (_, offset) => addressAt(offset),
    ) as [Address, Address, Address, Address, Address, Address, Address];
    const creations = [
      encode(consortiumAbi, consortiumBytecode, [
        options.networkId,
        members.map(({ memberId, account, url, keys }) => ({ memberId, account, url, keys })),
      ]),
      encode(peeringAbi, peeringBytecode, [consortium]),
      encode(chargeTokenAbi, chargeTokenBytecode, [
        consortium,
        clearing,
        stringToHex(options.currency ?? 'EUR', { size: 3 }),
        members.map(({ memberId, issuanceLimitMicro }) => ({ memberId, limitMicro: issuanceLimitMicro })),
        encodeCarryOver(options.carryOver),
      ]),
      encode(clearingAbi, clearingBytecode, [consortium, chargeToken, peering, forcedClaims]),
      encode(pricingAbi, pricingBytecode, [
        consortium,
        (options.timeZones ?? timeZoneRules).map(encodeTimeZone),
      ]),
      encode(meterReaderAbi, meterReaderBytecode, []),
      encode(forcedClaimsAbi, forcedClaimsBytecode, [clearing, pricing, meterReader]),
    ];
    const blocks: bigint[] = [];
    for (const [offset, data] of creations.entries()) {
      blocks.push(await createContract(rpc, signer, { chainId, nonce: nonce + offset, data }));
    }
    return {
      chainId,
      networkId: options.networkId,
      block: Number(blocks[0]),
      consortium,
      chargeToken,
      peering,
      clearing,
      forcedClaims,
    };
  });
}

/** A zone as the contract takes it. */
export function encodeTimeZone({ zone, from, standardOffsetS, daylightSaving }: TimeZoneRule) {
  return {
    name: stringToHex(zone, { size: 32 }),
    rule: {
      from: BigInt(from),
      standardOffsetS,
      daylightSaving: daylightSaving === 'european-union' ? 1 : 0,
    },
  };
}

function encode(abi: Abi, bytecode: Hex, args: readonly unknown[]): Hex {
  return encodeDeployData({ abi, bytecode, args });
}

/** Sends the creation of a contract and waits until it is in a block, whose number it returns. */
export async function createContract(
  rpc: PublicClient,
  signer: ChainSigner,
  tx: { readonly chainId: number; readonly nonce: number; readonly data: Hex },
): Promise<bigint> {
  const gas = await rpc.estimateGas({ account: signer.address, data: tx.data, nonce: tx.nonce });
  const serializedTransaction = await signer.signTransaction({
    type: 'eip1559',
    ...tx,
    gas: gas + gas / 10n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
  const hash = await rpc.sendRawTransaction({ serializedTransaction });
  const receipt = await rpc.waitForTransactionReceipt({ hash, pollingInterval: 50, timeout: 30_000 });
  if (receipt.status !== 'success') throw new ChainFault('tx-failed', `deployment failed in ${hash}`);
  return receipt.blockNumber;
}

/** Reads a deployment file's JSON. */
export function parseDeployment(untrusted: unknown): Result<Deployment, 'deployment-malformed'> {
  if (typeof untrusted !== 'object' || untrusted === null) return malformed('not an object');
  const { chainId, networkId, block, ...addresses } = untrusted as Record<string, unknown>;
  const { consortium, chargeToken, peering, clearing, forcedClaims } = addresses;
  if (!isCount(chainId) || chainId === 0) return malformed('chainId');
  if (typeof networkId !== 'string' || !isHex(networkId) || networkId.length !== 66)
    return malformed('networkId');
  if (!isCount(block)) return malformed('block');
  if (!isContract(consortium)) return malformed('consortium');
  if (!isContract(chargeToken)) return malformed('chargeToken');
  if (!isContract(peering)) return malformed('peering');
  if (!isContract(clearing)) return malformed('clearing');
  if (!isContract(forcedClaims)) return malformed('forcedClaims');
  return accept({ chainId, networkId, block, consortium, chargeToken, peering, clearing, forcedClaims });
}

function malformed(field: string) {
  return refuse('deployment-malformed', field);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isContract(value: unknown): value is Address {
  return (
    typeof value === 'string' && isAddress(value, { strict: false }) && value !== padHex('0x', { size: 20 })
  );
}
