import { useCallback, useEffect, useState } from 'react';
import type { StaffCall } from './StaffAccess.ts';

export type Refused = { readonly refusal: string; readonly detail: string };

/** Something the staff looks at and changes: loaded at first, and again after each change that was accepted. */
export interface StaffList<Value> {
  readonly value?: Value;
  readonly refusal?: Refused;
  readonly isBusy: boolean;
  load(): Promise<void>;
  /** Whether it was accepted. */
  act(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<boolean>;
}

export function useStaffList<Value>(
  call: StaffCall,
  path: string,
  parse: (json: unknown) => Value | undefined,
): StaffList<Value> {
  const [value, setValue] = useState<Value>();
  const [refusal, setRefusal] = useState<Refused>();
  const [isBusy, setIsBusy] = useState(false);
  const load = useCallback(async () => {
    const answer = await call('GET', path);
    const read = answer.ok ? parse(answer.value) : undefined;
    if (read !== undefined) {
      setValue(read);
      setRefusal(undefined);
    } else if (answer.ok) setRefusal({ refusal: 'malformed-answer', detail: '' });
    else setRefusal({ refusal: answer.refusal, detail: answer.detail });
  }, [call, path, parse]);
  useEffect(() => void load(), [load]);
  const act: StaffList<Value>['act'] = async (method, at, body) => {
    setIsBusy(true);
    const answer = await call(method, at, body);
    if (answer.ok) await load();
    else setRefusal({ refusal: answer.refusal, detail: answer.detail });
    setIsBusy(false);
    return answer.ok;
  };
  return {
    ...(value !== undefined && { value }),
    ...(refusal !== undefined && { refusal }),
    isBusy,
    load,
    act,
  };
}
