import { useEffect, useState } from 'react';
import { useServices } from '../app/AppServices.ts';
import { useObservable } from '../store/Observable.ts';
import type { PointInFull } from './Point.ts';
import { keepPoint, keptPoint } from './pointCache.ts';

export interface PointView {
  readonly point?: PointInFull;
  readonly isLoading: boolean;
  /** Why the provider did not answer; the point may still be there, from before. */
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** A point in full: what was kept at once, what the provider says now as soon as it does. */
export function usePoint(evseId: string | undefined): PointView {
  const { api, store, settings, now } = useServices();
  const { usual } = useObservable(settings);
  const [view, setView] = useState<PointView>({ isLoading: true });
  useEffect(() => {
    if (evseId === undefined) {
      setView({ isLoading: false });
      return;
    }
    let isCurrent = true;
    const load = async () => {
      const kept = await keptPoint(store, evseId);
      if (isCurrent && kept !== undefined) setView({ point: kept.point, isLoading: true });
      const answer = await api.point(evseId, usual);
      if (!isCurrent) return;
      if (answer.ok) {
        setView({ point: answer.value, isLoading: false });
        await keepPoint(store, answer.value, now());
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
  }, [evseId, api, store, usual, now]);
  return view;
}
