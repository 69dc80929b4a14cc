import { Acknowledgement, type SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { CdrOutcome } from '@p2p-power/protocol/CdrOutcome';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { ProviderContext } from '../ProviderContext.ts';
import type { CheckedSegment } from './checkSegment.ts';
import { intakeOf } from './Intake.ts';
import { intakeMetrics } from './IntakeMetrics.ts';
import { takeCharges } from './takeCharges.ts';

/** What became of one segment. With an acknowledgement the station may let go of its records. */
export interface SegmentResult {
  readonly segmentId: Hex | null;
  readonly acknowledgement?: SignedAcknowledgement;
  readonly refusal?: string;
  readonly detail?: string;
  /** In the order of the segment's records. */
  readonly outcomes: readonly CdrOutcome[];
}

/**
 * Takes sealed segments out of untrusted JSON: opens and checks them, writes all of their CDRs in one
 * transaction, and only then acknowledges. A segment that cannot be opened, or is of no station of ours,
 * is refused without harm to the others. Throws where the database fails: nothing was acknowledged then,
 * and handing in again is safe.
 */
export async function handIn(
  context: ProviderContext,
  segments: readonly unknown[],
): Promise<readonly SegmentResult[]> {
  const pool = await intakeOf(context).checks();
  const checked = await Promise.all(segments.map((segment) => pool.checkSegment(segment)));
  const opened = checked.filter((segment) => segment.ok);
  const outcomes = await takeCharges(
    context,
    opened.flatMap((segment) => segment.records),
    { kind: 'station' },
  );
  let taken = 0;
  const results: SegmentResult[] = [];
  for (const segment of checked) {
    intakeMetrics(context.metrics.registry).segments.inc({
      outcome: segment.ok ? 'acknowledged' : segment.refusal,
    });
    if (!segment.ok) {
      const { segmentId, refusal, detail } = segment;
      results.push({ segmentId, refusal, detail, outcomes: [] });
      continue;
    }
    results.push({
      segmentId: segment.segmentId,
      acknowledgement: await acknowledge(context, segment),
      outcomes: outcomes.slice(taken, taken + segment.records.length),
    });
    taken += segment.records.length;
  }
  return results;
}

function acknowledge(
  context: ProviderContext,
  segment: Extract<CheckedSegment, { ok: true }>,
): Promise<SignedAcknowledgement> {
  return Acknowledgement.sign(
    context.networkId,
    {
      providerId: context.config.providerId,
      issuerKeyId: keyId(context.certificateSigner.publicKey),
      stationCertificateId: segment.stationCertificateId,
      segmentId: segment.segmentId,
      count: segment.records.length,
      receivedAt: context.clock.nowS(),
    },
    context.certificateSigner,
  );
}
