import { keyId } from '@p2p-power/protocol/KeyId';
import { useCallback, useEffect, useState } from 'react';
import { useServices } from '../app/AppServices.ts';
import { trustOf } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import { type CheckedConditions, checkConditions } from './checkConditions.ts';

export type ConditionsView =
  | { readonly state: 'connecting' }
  | { readonly state: 'refused'; readonly refusal: string; readonly detail: string }
  | { readonly state: 'checked'; readonly checked: CheckedConditions };

/**
 * Says hello to the station and checks what it answers, again whenever `renew` is called. As soon as
 * the station is known to be genuine the phone serves it as a courier.
 */
export function useConditions(
  linkUrl: string | undefined,
  expectedEvseId: string | undefined,
): { readonly view: ConditionsView; readonly renew: () => void } {
  const services = useServices();
  const network = useObservable(services.network);
  const [view, setView] = useState<ConditionsView>({ state: 'connecting' });
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: fresher keys are no reason to ask again, the first ones are
  useEffect(() => {
    if (linkUrl === undefined) return;
    let isCurrent = true;
    const ask = async () => {
      setView({ state: 'connecting' });
      if (network === undefined) {
        setView({ state: 'refused', refusal: 'provider-unreachable', detail: '' });
        return;
      }
      const link = services.linkTo(linkUrl);
      const answer = await link.ask({ type: 'hello', version: 1 }, 'conditions');
      const checked = answer.ok
        ? await checkConditions(
            answer.value,
            trustOf(network),
            services.verifier,
            services.now(),
            expectedEvseId,
          )
        : answer;
      if (!isCurrent) return;
      if (!checked.ok) {
        setView({ state: 'refused', refusal: checked.refusal, detail: checked.detail });
        return;
      }
      setView({ state: 'checked', checked: checked.value });
      const { stationCertificate, trustListIssuedAt } = checked.value.conditions;
      await services.carryFor(link, stationCertificate.value.providerId, {
        certificateId: checked.value.stationCertificateId,
        keyId: keyId(stationCertificate.value.publicKey),
        trustListIssuedAt,
      });
    };
    void ask();
    return () => {
      isCurrent = false;
    };
  }, [services, linkUrl, expectedEvseId, turn, network === undefined]);

  return { view, renew: useCallback(() => setTurn((before) => before + 1), []) };
}
