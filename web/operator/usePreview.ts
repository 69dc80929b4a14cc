import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { printTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { useEffect, useState } from 'react';
import { useServices } from '../app/AppServices.ts';
import { parsePreview, type TariffPreview } from './TariffPreview.ts';

/** Who types is left in peace for so long before the provider is asked. */
const patienceMs = 600;

export interface PreviewState {
  readonly preview?: TariffPreview;
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** What a tariff would have earned at a point, asked anew when it changes; what was there stays until then. */
export function usePreview(
  evseId: string,
  tariff: Tariff | undefined,
  dynamic: DynamicTerms | undefined,
): PreviewState {
  const { api } = useServices();
  const [state, setState] = useState<PreviewState>({});
  const asked =
    tariff === undefined ? undefined : JSON.stringify({ evseId, tariff: printTariff(tariff), dynamic });
  useEffect(() => {
    if (asked === undefined) return;
    let isOver = false;
    const timer = setTimeout(async () => {
      const answer = await api.asDriver('POST', '/operator/tariff-previews', JSON.parse(asked));
      if (isOver) return;
      if (!answer.ok) return setState({ refusal: { refusal: answer.refusal, detail: answer.detail } });
      const preview = parsePreview(answer.value);
      setState(
        preview === undefined ? { refusal: { refusal: 'malformed-answer', detail: '' } } : { preview },
      );
    }, patienceMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [api, asked]);
  return state;
}
