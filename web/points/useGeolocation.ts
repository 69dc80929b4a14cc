import { useCallback, useState } from 'react';
import type { Place } from './Place.ts';

export type LocatingState = 'idle' | 'locating' | 'denied' | 'failed';

/** Asks the device where it is, once per call. */
export function useGeolocation(name: string): {
  readonly state: LocatingState;
  readonly locate: (then: (place: Place) => void) => void;
} {
  const [state, setState] = useState<LocatingState>('idle');
  const locate = useCallback(
    (then: (place: Place) => void) => {
      if (!('geolocation' in navigator)) {
        setState('failed');
        return;
      }
      setState('locating');
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          setState('idle');
          then({ name, latitude: coords.latitude, longitude: coords.longitude });
        },
        ({ code, PERMISSION_DENIED }) => setState(code === PERMISSION_DENIED ? 'denied' : 'failed'),
        { enableHighAccuracy: true, maximumAge: 60_000, timeout: 12_000 },
      );
    },
    [name],
  );
  return { state, locate };
}
