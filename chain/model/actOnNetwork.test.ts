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

test('model and contracts agree on every step of random traces', { timeout: 600_000 }, async () => {
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
  'acceptAgreement agreement-unknown',
  'acceptAgreement not-a-member',
  'acceptAgreement valid-from-not-usable',
  'addKey done',
  'addKey key-exists',
  'addKey key-malformed',
  'addKey not-a-member',
  'anchorHandIn done',
  'anchorRevocations done',
  'anchorRevocations root-missing',
  'approve done',
  'beginPayment done',
  'beginPayment redemption-unknown',
  'bookDisputeFee not-forced-claims',
  'bookForced not-forced-claims',
  'cancelRedemption done',
  'cancelRedemption not-the-holder',
  'cancelRedemption redemption-unknown',
  'claim done',
  'claim nothing-to-claim',
  'claim proof-invalid',
  'confirmReceipt done',
  'confirmReceipt not-a-member',
  'confirmReceipt not-owed',
  'demandRecord claim-unknown',
  'demandRecord done',
  'demandRecord objection-too-late',
  'demandRecord record-demanded-already',
  'execute done',
  'execute member-not-suspended',
  'execute not-a-member',
  'execute proposal-unknown',
  'execute quorum-missing',
  'giveNotice done',
  'giveNotice notice-given-already',
  'giveNotice notice-too-short',
  'issue not-clearing',
  'markPaid done',
  'markPaid redemption-unknown',
  'objectMeter claim-unknown',
  'objectMeter done',
  'objectRevoked claim-unknown',
  'objectRevoked done',
  'objectRevoked not-the-debtor',
  'objectRevoked objection-too-late',
  'objectSettled claim-unknown',
  'objectSettled done',
  'objectSettled objection-too-late',
  'payForced claim-unknown',
  'payForced done',
  'payForced not-payable-yet',
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
  'raise allowance-too-low',
  'raise bad-cdr-signature',
  'raise charge-mismatch',
  'raise done',
  'raise handed-in-too-late',
  'raise session-not-ended',
  'requestRedemption amount-missing',
  'requestRedemption balance-too-low',
  'requestRedemption done',
  'requestRedemption not-a-member',
  'requestRedemptionFor amount-missing',
  'requestRedemptionFor done',
  'requestRedemptionFor not-a-member',
  'requestRedemptionFor request-expired',
  'requestRedemptionFor request-signature-invalid',
  'retireKey done',
  'retireKey key-unknown',
  'retireKey not-a-member',
  'setIssuanceLimit not-consortium',
  'setUrl done',
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
  'showRecord claim-unknown',
  'showRecord record-mismatch',
  'showRecord record-not-demanded',
  'transfer account-invalid',
  'transfer done',
  'transferFrom allowance-too-low',
  'transferFrom done',
  'vote already-voted',
  'vote done',
  'vote not-a-member',
  'vote proposal-unknown',
];
