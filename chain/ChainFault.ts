import { BaseError, HttpRequestError, SocketClosedError, TimeoutError } from 'viem';

/**
 * - `rpc-unreachable`: nothing answered
 * - `rpc-error`: something answered with an error that is not a contract's refusal
 * - `tx-dropped`: the node no longer knows the transaction
 * - `tx-not-mined`: the node knows it, but it is in no block within the time
 * - `tx-failed`: it is in a block and failed for no reason that a contract gave
 * - `wrong-chain`: another chain than the deployment's
 * - `chain-moved`: blocks changed while they were being read
 * - `chain-behind`: the node is far from having the blocks that were read before
 */
export type ChainFaultReason =
  | 'rpc-unreachable'
  | 'rpc-error'
  | 'tx-dropped'
  | 'tx-not-mined'
  | 'tx-failed'
  | 'wrong-chain'
  | 'chain-moved'
  | 'chain-behind';

/**
 * The world failed between us and the chain. Whether a transaction took effect may be unknown then, but with
 * `retryIsSafe` the same call may be made again: every write of this room happens at most once, and a repeated one
 * returns what the first did.
 */
export class ChainFault extends Error {
  override readonly name = 'ChainFault';
  readonly reason: ChainFaultReason;
  readonly retryIsSafe: boolean;

  constructor(
    reason: ChainFaultReason,
    detail: string,
    options: { cause?: unknown; retryIsSafe?: boolean } = {},
  ) {
    super(`${reason}: ${detail}`, { cause: options.cause });
    this.reason = reason;
    this.retryIsSafe = options.retryIsSafe ?? true;
  }
}

/** Turns what viem throws into a fault; a fault stays as it is. */
export function toChainFault(error: unknown): ChainFault {
  if (error instanceof ChainFault) return error;
  if (error instanceof BaseError) {
    const fault = error.walk((inner) => inner instanceof ChainFault);
    if (fault instanceof ChainFault) return fault;
    const network = error.walk(
      (inner) =>
        inner instanceof HttpRequestError ||
        inner instanceof TimeoutError ||
        inner instanceof SocketClosedError,
    );
    return new ChainFault(network ? 'rpc-unreachable' : 'rpc-error', error.shortMessage, { cause: error });
  }
  return new ChainFault('rpc-error', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

/** Runs a call to the chain; whatever it throws comes out as a `ChainFault`. */
export async function withChainFaults<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw toChainFault(error);
  }
}
