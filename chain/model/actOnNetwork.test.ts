import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTraceWorld, type Seen, traceArbitrary } from '../testing/traceWorld.ts';

/**
 * The contracts on a real chain and the model, driven by the same random traces; after each step the same outcome, by
 * refusal's name, and the same whole state. `node chain/testing/runTraceCampaign.ts` does it for longer.
 */
let world: Awaited<ReturnType<typeof openTraceWorld>>;
beforeAll(async () => {
  world = await openTraceWorld();
});
afterAll(() => world?.stop());

test('model and contracts agree on every step of random traces', { timeout: 180_000 }, async () => {
  const seen: Seen = new Map();
  await fc.assert(
    fc.asyncProperty(traceArbitrary(130), (trace) => world.check(trace, seen)),
    { numRuns: 24, seed: 20_261_122 },
  );
  const missing = mustBeSeen.filter((outcome) => !seen.has(outcome));
  expect(missing).toEqual([]);
});

/** That the traces came to all of this shows that they test something. */
const mustBeSeen: readonly string[] = [
  'acceptAgreement agreement-accepted-already',
  'acceptAgreement agreement-unknown',
  'acceptAgreement done',
  'acceptAgreement not-the-other',
  'acceptAgreement suspended-member',
  'acceptAgreement valid-from-not-usable',
  'addKey done',
  'addKey key-exists',
  'approve done',
  'beginPayment done',
  'beginPayment not-the-provider',
  'beginPayment payment-under-way',
  'beginPayment redemption-closed',
  'beginPayment redemption-unknown',
  'bookDisputeFee not-forced-claims',
  'bookForced not-forced-claims',
  'cancelRedemption done',
  'cancelRedemption payment-under-way',
  'cancelRedemption redemption-closed',
  'cancelRedemption redemption-unknown',
  'claim done',
  'claim nothing-to-claim',
  'claim proof-invalid',
  'confirmReceipt bank-reference-missing',
  'confirmReceipt done',
  'confirmReceipt not-a-member',
  'confirmReceipt not-owed',
  'execute account-not-usable',
  'execute done',
  'execute member-not-suspended',
  'execute not-a-member',
  'execute proposal-unknown',
  'execute quorum-missing',
  'giveNotice agreement-unknown',
  'giveNotice done',
  'giveNotice not-a-party',
  'issue not-clearing',
  'markPaid done',
  'markPaid not-the-provider',
  'markPaid redemption-unknown',
  'permit done',
  'permit permit-expired',
  'permit permit-signer-invalid',
  'propose done',
  'propose not-a-member',
  'proposeAgreement done',
  'proposeAgreement not-a-member',
  'proposeAgreement same-member',
  'proposeAgreement terms-malformed',
  'proposeAgreement valid-from-not-usable',
  'requestRedemption amount-missing',
  'requestRedemption balance-too-low',
  'requestRedemption done',
  'requestRedemption not-a-member',
  'requestRedemptionFor amount-missing',
  'requestRedemptionFor balance-too-low',
  'requestRedemptionFor done',
  'requestRedemptionFor not-a-member',
  'requestRedemptionFor request-expired',
  'requestRedemptionFor request-signature-invalid',
  'retireKey done',
  'retireKey key-unknown',
  'setIssuanceLimit not-consortium',
  'setUrl done',
  'setUrl url-too-long',
  'settle agreement-not-valid',
  'settle batch-malformed',
  'settle creditor-signature-invalid',
  'settle debtor-signature-invalid',
  'settle done',
  'settle fee-too-high',
  'settle not-a-member',
  'settle not-liable',
  'settle same-member',
  'settle sequence-not-next',
  'transfer account-invalid',
  'transfer balance-too-low',
  'transfer done',
  'transferFrom allowance-too-low',
  'transferFrom balance-too-low',
  'transferFrom done',
  'vote already-voted',
  'vote done',
  'vote not-a-member',
  'vote proposal-executed',
  'vote proposal-expired',
  'vote proposal-unknown',
  'vote suspended-member',
];
