import { proposeAgreement } from '@p2p-power/chain/Peering';
import { deployVolumeDiscount } from '@p2p-power/chain/PeeringTerms';
import { foundTestNetwork, type TestNetwork, testTerms } from '@p2p-power/chain/testing/foundTestNetwork';
import type { Hex } from '@p2p-power/protocol/Hex';
import { feesOfCharges } from '@p2p-power/protocol/PeeringFee';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClearingChain } from './openClearingChain.ts';
import { readFeeTerms } from './readFeeTerms.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

const charges = [
  { chargeMicro: 9_000_000, energyWh: 30_000 },
  { chargeMicro: 1_000_000, energyWh: 4_000 },
];
const batch = {
  debtor: 'DEAAA',
  creditor: 'DECCC',
  periodStart: 1_760_000_000,
  periodEnd: 1_760_086_400,
  charges,
};
const share = { feeShareBp: 150, feeMicroPerKwh: 10_000n };

test('without a contract of the pair’s own nobody is asked', async () => {
  const asked = { feeBound: () => Promise.reject(new Error('asked')) };
  const agreement = { ...share, agreementId: '0x12' as Hex, termsContract: null };
  expect(await readFeeTerms(asked, agreement, batch)).toEqual({ feeShareBp: 150, feeMicroPerKwh: 10_000 });
});

test('with one, what it says of this batch on the chain is what its charges bear', async () => {
  const { client, members } = network;
  const [a, , c] = members;
  const termsContract = await deployVolumeDiscount(client, a.signer, [
    { fromWh: 0, feeShareBp: 300 },
    { fromWh: 34_000, feeShareBp: 100 },
  ]);
  const proposed = await proposeAgreement(client, a.signer, {
    me: a.memberId,
    other: c.memberId,
    version: 1,
    terms: { ...testTerms, termsContract },
  });
  if (!proposed.ok) throw new Error(proposed.detail);
  const { agreementId } = proposed.value;
  const accountKey: Hex = `0x${'11'.repeat(32)}`;
  const chain = openClearingChain(client, { providerId: 'DEAAA', accountKey });
  const terms = await readFeeTerms(chain, { ...share, agreementId, termsContract }, batch);
  expect(terms).toMatchObject({ contract: { kind: 'stated', feeMicro: 100_000n } });
  const period = { from: batch.periodStart, to: batch.periodEnd };
  expect(feesOfCharges(terms, period, charges)).toEqual([90_000n, 10_000n]);
  // A watt-hour less is the dearer tier.
  const less = [{ chargeMicro: 9_000_000, energyWh: 29_999 }, ...charges.slice(1)];
  const dearer = await readFeeTerms(
    chain,
    { ...share, agreementId, termsContract },
    { ...batch, charges: less },
  );
  expect(dearer).toMatchObject({ contract: { feeMicro: 300_000n } });
});
