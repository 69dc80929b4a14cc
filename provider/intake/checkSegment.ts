import type { CourierKey } from '@p2p-power/protocol/CourierKey';
import type { Hex } from '@p2p-power/protocol/Hex';
import { openSegmentRecords, parseSegment, type SegmentRefusal } from '@p2p-power/protocol/Segment';
import { type CheckedEvidence, checkEvidence, type EvidenceChecker, ownStation } from './checkEvidence.ts';

/**
 * Why a whole segment is refused: it is not acknowledged, so its station keeps the records. Last:
 * nothing in it carries the certificate of one of our stations, so there is nobody to acknowledge to.
 */
export type SegmentCheckRefusal = SegmentRefusal | 'segment-not-of-our-station';

/** A segment opened and all that is in it judged; or refused as a whole. */
export type CheckedSegment =
  | {
      readonly ok: true;
      readonly segmentId: Hex;
      readonly stationCertificateId: Hex;
      readonly records: readonly CheckedEvidence[];
    }
  | {
      readonly ok: false;
      /** As its header says; null where it has not the form of a segment. */
      readonly segmentId: Hex | null;
      readonly refusal: SegmentCheckRefusal;
      readonly detail: string;
    };

/** Opens a segment out of untrusted JSON and checks each record in it. */
export async function checkSegment(
  json: unknown,
  keys: readonly CourierKey[],
  checker: EvidenceChecker,
): Promise<CheckedSegment> {
  const parsed = parseSegment(json);
  if (!parsed.ok) return { ok: false, segmentId: null, refusal: parsed.refusal, detail: parsed.detail };
  const { segmentId } = parsed.value.header;
  const { providerId } = checker;
  const opened = await openSegmentRecords(parsed.value, {
    networkId: checker.trust.networkId,
    providerId,
    keys,
  });
  if (!opened.ok) return { ok: false, segmentId, refusal: opened.refusal, detail: opened.detail };
  const records: CheckedEvidence[] = [];
  let stationCertificateId: Hex | undefined;
  for (const record of opened.value) {
    const checked = await checkEvidence(record, checker);
    records.push(checked);
    if (checked.ok && checked.charge.operatorProvider === providerId)
      stationCertificateId ??= checked.charge.stationCertificateId;
  }
  for (const record of opened.value) stationCertificateId ??= await ownStation(record, checker);
  if (stationCertificateId === undefined)
    return {
      ok: false,
      segmentId,
      refusal: 'segment-not-of-our-station',
      detail: `no record in it is of a station of ${providerId}`,
    };
  return { ok: true, segmentId, stationCertificateId, records };
}
