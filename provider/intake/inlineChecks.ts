import * as crypto from 'node:crypto';
import { type CourierKey, openCourierKey } from '@p2p-power/protocol/CourierKey';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import type { CheckPool, CheckWorkerData } from './CheckPool.ts';
import { type CheckedEvidence, checkEvidence, evidenceChecker } from './checkEvidence.ts';
import { checkSegment } from './checkSegment.ts';

/** Checks in the calling thread. */
export function inlineChecks(data: CheckWorkerData): CheckPool {
  const verifier = nodeCryptoVerifier(crypto);
  let checker = evidenceChecker(data.trust, verifier);
  let opening: Promise<readonly CourierKey[]> | undefined;
  const courierKeys = () => {
    opening ??= Promise.all(data.courierKeys.map(openKey));
    return opening;
  };
  return {
    checkSegment: async (segment) => checkSegment(segment, await courierKeys(), checker),
    async checkEvidence(list) {
      const checked: CheckedEvidence[] = [];
      for (const json of list) checked.push(await checkEvidence(json, checker));
      return checked;
    },
    setTrust(trust) {
      checker = evidenceChecker(trust, verifier);
    },
    close: async () => {},
  };
}

async function openKey(json: CheckWorkerData['courierKeys'][number]): Promise<CourierKey> {
  const key = await openCourierKey(json);
  if (!key.ok) throw new Error(`the courier key cannot be used: ${key.refusal}`);
  return key.value;
}
