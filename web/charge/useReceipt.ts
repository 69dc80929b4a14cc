import type { Evidence } from '@p2p-power/protocol/Evidence';
import { parseEvidence } from '@p2p-power/protocol/parseEvidence';
import { type EvidenceFacts, verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { useEffect, useState } from 'react';
import { useServices } from '../app/AppServices.ts';
import { trustOf } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import type { ChargeRecord } from './ChargeRecord.ts';

export interface ReceiptView {
  readonly evidence?: Evidence;
  readonly record?: ChargeRecord;
  readonly verdict:
    | { readonly state: 'checking' | 'missing' | 'unknown-keys' }
    | { readonly state: 'right'; readonly facts: EvidenceFacts }
    | { readonly state: 'wrong'; readonly refusal: string; readonly detail: string };
}

/**
 * The receipt of a charge, checked here and now by the one judge: from this phone where it has it,
 * else from the provider (`id` is then the CDR's).
 */
export function useReceipt(id: string): ReceiptView {
  const { charges, network, verifier, api } = useServices();
  const known = useObservable(network);
  const record = useObservable(charges).find(
    ({ authorizationId, evidence }) => authorizationId === id && evidence !== undefined,
  );
  const [view, setView] = useState<ReceiptView>({ verdict: { state: 'checking' } });

  useEffect(() => {
    let isCurrent = true;
    const judge = async () => {
      const kept = record?.evidence;
      const found =
        kept === undefined
          ? await api.asDriver('GET', `/me/charges/${encodeURIComponent(id)}/evidence`)
          : undefined;
      if (found !== undefined && !found.ok) {
        const { refusal, detail } = found;
        if (isCurrent)
          setView({
            verdict: refusal === 'not-signed-in' ? { state: 'missing' } : { state: 'wrong', refusal, detail },
          });
        return;
      }
      const parsed = parseEvidence(kept ?? found?.value);
      if (!isCurrent) return;
      if (!parsed.ok) {
        setView({ verdict: { state: 'wrong', refusal: parsed.refusal, detail: parsed.detail } });
        return;
      }
      const evidence = parsed.value;
      const shown = { evidence, ...(record !== undefined && { record }) };
      if (known === undefined) {
        setView({ ...shown, verdict: { state: 'unknown-keys' } });
        return;
      }
      const judged = await verifyEvidence(evidence, trustOf(known), verifier);
      if (!isCurrent) return;
      setView({
        ...shown,
        verdict: judged.ok
          ? { state: 'right', facts: judged.value }
          : { state: 'wrong', refusal: judged.refusal, detail: judged.detail },
      });
    };
    void judge();
    return () => {
      isCurrent = false;
    };
  }, [id, record, known, verifier, api]);
  return view;
}
