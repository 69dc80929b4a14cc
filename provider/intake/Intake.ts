import { fromBytes } from '@p2p-power/protocol/Hex';
import type { ProviderContext } from '../ProviderContext.ts';
import { type CheckPool, openCheckPool } from './CheckPool.ts';
import { readCheckTrust } from './readCheckTrust.ts';

/** The checking threads of a provider, with the members' keys kept up to date. */
export interface Intake {
  /** Ready to check with the keys of now. */
  checks(): Promise<CheckPool>;
  close(): Promise<void>;
}

/** Seconds after which the members' keys are read again. */
const trustForS = 10;

const open = new WeakMap<ProviderContext, Intake>();

/** The intake of a provider, opened when it is first asked for; `closeIntake` ends its threads. */
export function intakeOf(context: ProviderContext): Intake {
  let intake = open.get(context);
  if (intake === undefined) {
    intake = openIntake(context);
    open.set(context, intake);
  }
  return intake;
}

/** Ends the checking threads, if there are any. */
export async function closeIntake(context: ProviderContext): Promise<void> {
  const intake = open.get(context);
  open.delete(context);
  await intake?.close();
}

function openIntake(context: ProviderContext): Intake {
  let opening: Promise<CheckPool> | undefined;
  let trusted = '';
  let readAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  async function openPool(): Promise<CheckPool> {
    const trust = await readCheckTrust(context);
    trusted = JSON.stringify(trust);
    readAt = context.clock.nowS();
    const { publicKey, privateKey } = context.courierKey;
    const courierKeys = [{ publicKey, privateKey: fromBytes(privateKey) }];
    return openCheckPool({ trust, courierKeys }, context.config.checkThreads);
  }

  return {
    async checks() {
      if (closed) throw new Error('the intake is closed');
      opening ??= openPool();
      let pool: CheckPool;
      try {
        pool = await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
      if (Math.abs(context.clock.nowS() - readAt) >= trustForS) {
        readAt = context.clock.nowS();
        const trust = await readCheckTrust(context);
        if (JSON.stringify(trust) !== trusted) {
          trusted = JSON.stringify(trust);
          pool.setTrust(trust);
        }
      }
      return pool;
    },
    async close() {
      closed = true;
      const pool = await opening?.catch(() => undefined);
      await pool?.close();
    },
  };
}
