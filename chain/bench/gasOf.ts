/** The gas of a transaction that was sent; throws where the contract refused it, or there was nothing left to do. */
export function gasOf(
  done: { ok: true; value: object } | { ok: false; refusal: string; detail: string },
): bigint {
  if (!done.ok) throw new Error(`${done.refusal}: ${done.detail}`);
  if (!('gasUsed' in done.value) || typeof done.value.gasUsed !== 'bigint')
    throw new Error('nothing was sent');
  return done.value.gasUsed;
}
