import { expect, test } from 'vitest';
import { benchEvidence } from './evidence.ts';

test('the bench judges genuine evidence with four signature checks each', async () => {
  const bench = await benchEvidence({ durationMs: 100, sessions: 12 });
  expect(bench.signaturesPerEvidence).toBe(4);
  expect(bench.evidenceChecksPerS).toBeGreaterThan(bench.evidenceTextsPerS);
  expect(bench.p256VerifiesPerS).toBeGreaterThan(bench.evidenceChecksPerS);
  expect(bench.shareOfSignatureLimit).toBeGreaterThan(0.05);
});
