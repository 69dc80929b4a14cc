import type { Hex } from '@p2p-power/protocol/Hex';
import type { ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { ProviderContext } from '../ProviderContext.ts';
import { publishProvision } from '../points/publishProvision.ts';
import type { SegmentResult } from './handIn.ts';

/** Lays to each acknowledgement what we have for its station, so that who brings the one brings the other. */
export async function withProvisions(
  context: ProviderContext,
  results: readonly SegmentResult[],
): Promise<readonly (SegmentResult & { readonly provision?: ProvisionUpdate })[]> {
  const provisions = new Map<Hex, ProvisionUpdate | undefined>();
  const answered = [];
  for (const result of results) {
    const id = result.acknowledgement?.value.stationCertificateId;
    if (id !== undefined && !provisions.has(id)) provisions.set(id, await publishProvision(context, id));
    const provision = id && provisions.get(id);
    answered.push({ ...result, ...(provision && { provision }) });
  }
  return answered;
}
