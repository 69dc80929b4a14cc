import type { Figure, Measure } from './Measure.ts';

const sizes = [1, 10, 100, 1_000, 10_000, 100_000] as const;

/** Share&Charge (2018) had five transactions a charge; the figures follow from what they write, nobody measured them here. */
const shareAndCharge = 'QUOTED, not measured: Share&Charge, a charge by its storage writes';

/** What settling costs, beside what charges would cost one by one; and how it grows. */
export const clearingMeasures: readonly Measure[] = [
  {
    name: 'gas',
    what: 'batches of 1 to 100,000 charges, claims and redemptions, beside a transfer and a slot a charge',
    async run() {
      const { measureSettleGas } = await import('../chain/bench/settleGas.ts');
      const gas = await measureSettleGas(sizes);
      const { erc20Transfer, storageWrite } = gas.baseline;
      const besideTransfer = { what: 'an ERC-20 transfer a charge', value: Number(erc20Transfer) };
      const perCharge = (count: number): Figure => {
        const value = Math.round((Number(gas.settle[count]) / count) * 100) / 100;
        return {
          key: `gas_per_charge_${count}`,
          value,
          what: `settled in a batch of ${count.toLocaleString('en')}, a charge`,
          unit: 'gas',
          beside: besideTransfer,
          ...(count === 10_000 && { target: { words: 'under 30', isReached: value < 30 } }),
        };
      };
      return [
        ...sizes.map(perCharge),
        gasFigure('gas_erc20_transfer', erc20Transfer, 'an ERC-20 transfer, one a charge'),
        gasFigure('gas_share_and_charge_least', 340_000n, `${shareAndCharge}, at least`),
        gasFigure('gas_share_and_charge_most', 394_000n, `${shareAndCharge}, at most`),
        gasFigure(
          'gas_storage_write',
          storageWrite,
          'a new storage slot, one a charge: any contract a charge',
        ),
        {
          ...gasFigure('gas_claim', gas.claimLater, 'an operator’s claim, one of 100'),
          target: { words: 'under 70,000', isReached: gas.claimLater < 70_000n },
        },
        gasFigure('gas_claim_first', gas.claimFirst, 'an operator’s very first claim'),
        gasFigure('gas_redemption_request', gas.requestRedemption, 'a redemption asked for'),
        gasFigure('gas_redemption_paid', gas.markPaid, 'a redemption marked as paid'),
      ];
    },
  },
  {
    name: 'disputes',
    what: 'a charge claimed by its evidence, objections, and a vote of three members',
    async run() {
      const { measureDisputeGas } = await import('../chain/bench/disputeGas.ts');
      const gas = await measureDisputeGas();
      return [
        {
          ...gasFigure('gas_forced_claim', gas.raise, 'a forced claim of an hour’s charge, five signatures'),
          target: { words: 'under 200,000', isReached: gas.raise < 200_000n },
        },
        gasFigure('gas_forced_claim_paid', gas.pay, 'its payment after the window'),
        gasFigure('gas_objection', gas.objectSettled, 'objection: settled, among 1,000 charges'),
        gasFigure('gas_objection_revoked', gas.objectRevoked, 'objection: revoked, among 1,000 certificates'),
        gasFigure('gas_revocations_anchored', gas.anchorRevocations, 'a list of revocations anchored'),
        gasFigure('gas_propose', gas.propose, 'a proposal, with the proposer’s vote'),
        gasFigure('gas_vote', gas.vote, 'a vote'),
        gasFigure('gas_execute', gas.execute, 'a decision carried out: an issuance limit'),
      ];
    },
  },
  {
    name: 'audit',
    what: 'a provider’s books audited against a chain: batches, evidence, payouts, positions, on one core',
    async run() {
      const { measureAudit } = await import('../provider/bench/audit.ts');
      const { chargesPerS, secondsPerMillion, memoryGrowthMb } = await measureAudit();
      return [
        {
          key: 'audit_charges_per_s',
          value: Math.round(chargesPerS),
          what: 'charges audited',
          unit: '/s',
          target: { words: '1,000,000 in 5 minutes', isReached: secondsPerMillion < 300 },
        },
        { key: 'audit_memory_growth_mb', value: memoryGrowthMb, what: 'memory it grew by', unit: 'MB' },
      ];
    },
  },
  {
    name: 'path',
    what: 'the whole path: built, countersigned, settled, booked by both; providers, databases and chain on all cores',
    async run() {
      const { measureSettlement } = await import('../provider/bench/settlement.ts');
      const many = await measureSettlement({ batches: 40, chargesEach: 100 });
      const large = await measureSettlement({ batches: 2, chargesEach: 20_000 });
      return [
        { key: 'batches_per_s', value: many.batchesPerS, what: 'batches of 100 charges', unit: '/s' },
        {
          key: 'settled_charges_per_s',
          value: Math.round(large.chargesPerS),
          what: 'charges in batches of 20,000',
          unit: '/s',
        },
      ];
    },
  },
  {
    name: 'scale',
    what: 'a period’s trade: from 1,000 to 1,000,000 charges, 2 to 100 providers, 10 to 10,000 operators',
    async run() {
      const { tradeAtScale } = await import('../chain/bench/tradeAtScale.ts');
      const figures: Figure[] = [];
      for (const trade of trades) {
        const { settleGasPerCharge, batches, claimGas, seconds } = await tradeAtScale(trade);
        const { providers, charges, operatorsEach } = trade;
        const key = `${providers}_providers_${charges}_charges`;
        const what = `${charges.toLocaleString('en')} charges, ${providers} providers, ${batches} batches`;
        figures.push(
          { key: `gas_per_charge_${key}`, value: settleGasPerCharge, what: `${what}: a charge`, unit: 'gas' },
          { key: `seconds_${key}`, value: seconds, what: `${what}: built, signed, settled`, unit: 's' },
          gasFigure(
            `gas_claim_${key}_${operatorsEach}_operators`,
            claimGas,
            `${what}: first claim of one of ${operatorsEach.toLocaleString('en')} operators`,
          ),
        );
      }
      return figures;
    },
  },
];

const trades = [
  { providers: 2, peersEach: 1, operatorsEach: 10, charges: 1_000 },
  { providers: 2, peersEach: 1, operatorsEach: 1_000, charges: 10_000 },
  { providers: 2, peersEach: 1, operatorsEach: 10_000, charges: 100_000 },
  { providers: 10, peersEach: 9, operatorsEach: 20, charges: 100_000 },
  { providers: 100, peersEach: 10, operatorsEach: 20, charges: 1_000_000 },
] as const;

function gasFigure(key: string, gas: bigint, what: string): Figure {
  return { key, value: Number(gas), what, unit: 'gas' };
}
