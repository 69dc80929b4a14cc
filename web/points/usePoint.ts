import { useEffect, useState } from 'react';
import { useServices } from '../app/AppServices.ts';
import { useObservable } from '../store/Observable.ts';
import { type PointInFull, withOwnersPrices } from './Point.ts';
import { keepPoint, keptPoint } from './pointCache.ts';

export interface PointView {
  readonly point?: PointInFull;
  readonly isLoading: boolean;
  /** Why the provider did not answer; the point may still be there, from before. */
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** A point in full: what was kept at once, what the provider says now as soon as it does. */
export function usePoint(evseId: string | undefined): PointView {
  const { api, store, settings, network, now } = useServices();
  const { usual } = useObservable(settings);
  const [view, setView] = useState<PointView>({ isLoading: true });
  useEffect(() => {
    if (evseId === undefined) {
      setView({ isLoading: false });
      return;
    }
    let isCurrent = true;
    const asItsOwnersSay = async (point: PointInFull): Promise<PointInFull> => {
      const { providerId: ownId, members = [] } = network.get() ?? {};
      const url = members.find(({ providerId }) => providerId === point.providerId)?.url;
      if (!point.live || point.providerId === ownId || url === undefined) return point;
      const answer = await api.point(evseId, usual, url.replace(/\/+$/, ''));
      return answer.ok ? withOwnersPrices(point, answer.value) : point;
    };
    const load = async () => {
      const kept = await keptPoint(store, evseId);
      if (isCurrent && kept !== undefined) setView({ point: kept.point, isLoading: true });
      const answer = await api.point(evseId, usual);
      if (!isCurrent) return;
      if (answer.ok) {
        const point = await asItsOwnersSay(answer.value);
        if (!isCurrent) return;
        setView({ point, isLoading: false });
        await keepPoint(store, point, now());
      } else
        setView({
          ...(kept !== undefined && { point: kept.point }),
          isLoading: false,
          refusal: { refusal: answer.refusal, detail: answer.detail },
        });
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [evseId, api, store, usual, network, now]);
  return view;
}
