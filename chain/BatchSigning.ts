import {
  type Address,
  encodeAbiParameters,
  type Hex,
  hashStruct,
  hashTypedData,
  isAddressEqual,
  keccak256,
  type LocalAccount,
  recoverTypedDataAddress,
} from 'viem';

/** A period's charges in one channel, as both providers sign it; IClearing.sol says what each field means. */
export type Batch = {
  /** The drivers' provider, as member id. */
  readonly debtor: Hex;
  /** The operators' provider, as member id. */
  readonly creditor: Hex;
  /** One more than the channel's last. */
  readonly sequence: bigint;
  /** Epoch seconds. */
  readonly periodStart: bigint;
  readonly periodEnd: bigint;
  readonly agreementId: Hex;
  readonly count: bigint;
  readonly energyWh: bigint;
  /** Fee included. */
  readonly totalMicro: bigint;
  readonly feeMicro: bigint;
  readonly cdrRoot: Hex;
  readonly payoutsRoot: Hex;
};

/** What binds a signature to one Clearing on one chain. A `Deployment` is one. */
export type BatchDomain = { readonly chainId: number; readonly clearing: Address };

export type SignedBatch = {
  readonly batch: Batch;
  readonly debtorSignature: Hex;
  readonly creditorSignature: Hex;
};

const batchTypes = {
  Batch: [
    { name: 'debtor', type: 'bytes32' },
    { name: 'creditor', type: 'bytes32' },
    { name: 'sequence', type: 'uint64' },
    { name: 'periodStart', type: 'uint64' },
    { name: 'periodEnd', type: 'uint64' },
    { name: 'agreementId', type: 'bytes32' },
    { name: 'count', type: 'uint64' },
    { name: 'energyWh', type: 'uint64' },
    { name: 'totalMicro', type: 'uint256' },
    { name: 'feeMicro', type: 'uint256' },
    { name: 'cdrRoot', type: 'bytes32' },
    { name: 'payoutsRoot', type: 'bytes32' },
  ],
} as const;

function typedData(domain: BatchDomain, batch: Batch) {
  return {
    domain: {
      name: 'P2P-Power Clearing',
      version: '1',
      chainId: domain.chainId,
      verifyingContract: domain.clearing,
    },
    types: batchTypes,
    primaryType: 'Batch',
    message: batch,
  } as const;
}

/** The EIP-712 digest that both sign. */
export function digestBatch(domain: BatchDomain, batch: Batch): Hex {
  return hashTypedData(typedData(domain, batch));
}

/** The EIP-712 hash of the struct alone: the name under which Clearing keeps a settled batch. */
export function hashBatch(batch: Batch): Hex {
  return hashStruct({ data: batch, types: batchTypes, primaryType: 'Batch' });
}

/** Signs a batch: 65 bytes r‖s‖v with low s. */
export function signBatch(
  domain: BatchDomain,
  batch: Batch,
  signer: Pick<LocalAccount, 'signTypedData'>,
): Promise<Hex> {
  return signer.signTypedData(typedData(domain, batch));
}

/** The account that made a signature; null for what is no signature. */
export async function recoverBatchSigner(
  domain: BatchDomain,
  batch: Batch,
  signature: Hex,
): Promise<Address | null> {
  if (!isLowSSignature(signature)) return null;
  try {
    return await recoverTypedDataAddress({ ...typedData(domain, batch), signature });
  } catch {
    return null;
  }
}

/** Whether the account signed the batch, as Clearing will judge it. */
export async function verifyBatch(
  domain: BatchDomain,
  batch: Batch,
  signature: Hex,
  account: Address,
): Promise<boolean> {
  const signer = await recoverBatchSigner(domain, batch, signature);
  return signer !== null && isAddressEqual(signer, account);
}

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The one form in which the contract takes a secp256k1 signature: 65 bytes, s in the low half, v 27 or 28. */
function isLowSSignature(signature: Hex): boolean {
  if (!/^0x[0-9a-f]{130}$/i.test(signature)) return false;
  const v = Number.parseInt(signature.slice(130), 16);
  return BigInt(`0x${signature.slice(66, 130)}`) <= halfOrder && (v === 27 || v === 28);
}

/** The one-way channel from a debtor to a creditor. */
export function channelId(debtor: Hex, creditor: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [debtor, creditor]));
}
