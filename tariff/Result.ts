/**
 * What a function returns that may say no: the value, or the first refusal with its name (a string
 * literal, stable, documented) and a detail for people. Refusals are answers, never exceptions.
 */
export type Result<Value, Refusal extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal; readonly detail: string };

export function accept<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function refuse<Refusal extends string>(
  refusal: Refusal,
  detail: string,
): { readonly ok: false; readonly refusal: Refusal; readonly detail: string } {
  return { ok: false, refusal, detail };
}
