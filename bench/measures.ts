import type { Figure, Measure } from './Measure.ts';

/** The house's benchmarks, in the order in which they run; each room keeps its own. */
export const measures: readonly Measure[] = [
  {
    name: 'unlock',
    what: 'a station: authorization received to contactor closed, journal entry on disk between',
    async run() {
      const { measureUnlock } = await import('../station/bench/unlock.ts');
      const figures = await measureUnlock({ rounds: 1_000 });
      const beyondMs = figures.unlock_ms_p99 - figures.disk_sync_ms_p99;
      return [
        {
          key: 'unlock_ms_p99',
          value: figures.unlock_ms_p99,
          what: 'unlock, 99 of 100 are faster',
          unit: 'ms',
          beside: { what: 'the disk’s own sync', value: figures.disk_sync_ms_p99 },
          target: { words: 'under 10 ms beyond the sync', isReached: beyondMs < 10 },
        },
        {
          key: 'unlock_ms_p50',
          value: figures.unlock_ms_p50,
          what: 'unlock, half are faster',
          unit: 'ms',
          beside: { what: 'the disk’s own sync', value: figures.disk_sync_ms_p50 },
        },
        {
          key: 'disk_sync_ms_p99',
          value: figures.disk_sync_ms_p99,
          what: '4 KiB written and synced, 99 of 100 are faster',
          unit: 'ms',
        },
      ];
    },
  },
  {
    name: 'evidence',
    what: 'the judge: whole pieces of evidence checked on one core, beside bare signature checks',
    async run() {
      const { benchEvidence } = await import('../protocol/bench/evidence.ts');
      const bench = await benchEvidence({ durationMs: 8_000 });
      const limit = bench.p256VerifiesPerS / bench.signaturesPerEvidence;
      const whole = (value: number) => Math.round(value);
      return [
        {
          key: 'evidence_checks_per_s',
          value: whole(bench.evidenceChecksPerS),
          what: 'evidence judged',
          unit: '/s',
          beside: { what: 'limit of its bare signature checks', value: whole(limit) },
          target: { words: '80 % of the limit', isReached: bench.evidenceChecksPerS >= 0.8 * limit },
        },
        {
          key: 'evidence_texts_per_s',
          value: whole(bench.evidenceTextsPerS),
          what: 'evidence read from JSON text and judged',
          unit: '/s',
          beside: { what: 'limit of its bare signature checks', value: whole(limit) },
        },
        {
          key: 'p256_verifies_per_s',
          value: whole(bench.p256VerifiesPerS),
          what: 'bare P-256 verifications',
          unit: '/s',
        },
        {
          key: 'signatures_per_evidence',
          value: bench.signaturesPerEvidence,
          what: 'signature checks for one piece of evidence',
          unit: '',
        },
      ];
    },
  },
  {
    name: 'prices',
    what: 'the tariff: prices of sessions of 20 readings on one core',
    async run() {
      const { measurePrices } = await import('../tariff/bench/price.ts');
      const { simplePerS, dayAndNightPerS, byEnergyPerS, quarterHourlyPerS } = measurePrices(
        () => performance.now(),
        3_000,
      );
      return [
        { key: 'prices_per_s', value: Math.round(simplePerS), what: 'prices, one rate', unit: '/s' },
        {
          key: 'prices_day_night_per_s',
          value: Math.round(dayAndNightPerS),
          what: 'prices, by day and night',
          unit: '/s',
        },
        {
          key: 'prices_by_energy_per_s',
          value: Math.round(byEnergyPerS),
          what: 'prices, cheaper from 10 kWh on',
          unit: '/s',
        },
        {
          key: 'prices_quarter_hourly_per_s',
          value: Math.round(quarterHourlyPerS),
          what: 'prices, another one each quarter-hour',
          unit: '/s',
        },
      ];
    },
  },
  {
    name: 'intake',
    what: 'a provider: sealed CDRs taken in, checked and booked in PostgreSQL, on all cores',
    async run() {
      const { measureIntake } = await import('../provider/bench/intake.ts');
      const intake = await measureIntake({ cdrs: 10_000, threads: 2 });
      return [
        {
          key: 'intake_cdrs_per_s',
          value: Math.round(intake.cdrsPerS),
          what: 'CDRs taken in, end to end',
          unit: '/s',
          target: { words: '3,000 /s on 2 cores', isReached: intake.cdrsPerS >= 3_000 },
        },
        {
          key: 'intake_cpu_ms_per_cdr',
          value: intake.cpuMsPerCdr,
          what: 'processor time for one, PostgreSQL’s aside',
          unit: 'ms',
        },
      ];
    },
  },
  {
    name: 'gas',
    what: 'the contracts: gas to settle batches of 1, 100 and 10,000 charges',
    async run() {
      const { measureSettleGas } = await import('../chain/bench/settleGas.ts');
      const gas = await measureSettleGas([1, 100, 10_000]);
      const settle = (count: number) => Number(gas.settle[count]);
      const perCharge = (count: number): Figure => ({
        key: `gas_per_charge_${count}`,
        value: Math.round((settle(count) / count) * 100) / 100,
        what: `settled in a batch of ${count.toLocaleString('en')}, for each charge`,
        unit: 'gas',
        beside: { what: 'a plain transfer of money', value: 21_000 },
      });
      return [
        ...[1, 100, 10_000].map(perCharge),
        {
          key: 'gas_settle_10000',
          value: settle(10_000),
          what: 'one transaction that settles 10,000 charges',
          unit: 'gas',
          target: { words: 'under 200,000', isReached: settle(10_000) < 200_000 },
        },
        { key: 'gas_claim', value: Number(gas.claimLater), what: 'an operator’s claim', unit: 'gas' },
      ];
    },
  },
  {
    name: 'planning',
    what: 'plans of one car and of garages, beside HiGHS and the rule of evcc on the same',
    async run() {
      const { measurePlans, measureSpecialPlans } = await import('../planning/bench/measurePlans.ts');
      const { measureSite } = await import('../planning/bench/measureSites.ts');
      const nowMs = () => performance.now();
      const euro = (micro: number) => Math.round(micro / 100) / 10_000;
      const figures: Figure[] = [];
      for (const quarters of [96, 672, 2_880]) {
        const made = measurePlans(quarters, nowMs, 1_000);
        const over = `${quarters.toLocaleString('en')} quarter-hours`;
        figures.push(
          {
            key: `plan_ms_${quarters}`,
            value: made.ms,
            what: `a plan over ${over}`,
            unit: 'ms',
            beside: { what: 'HiGHS', value: made.highsMs },
            ...(quarters === 96 && { target: { words: 'under 0.2 ms', isReached: made.ms < 0.2 } }),
          },
          { key: `plan_evcc_ms_${quarters}`, value: made.evccMs, what: '  by evcc’s rule', unit: 'ms' },
          {
            key: `plan_cost_${quarters}`,
            value: euro(made.costMicro),
            what: '  what it costs',
            unit: '€',
            beside: { what: 'HiGHS', value: euro(made.highsCostMicro) },
          },
          {
            key: `plan_evcc_cost_${quarters}`,
            value: euro(made.evccCostMicro),
            what: '  what evcc’s rule costs',
            unit: '€',
            beside: { what: 'ours', value: euro(made.costMicro) },
          },
          {
            key: `plan_starts_${quarters}`,
            value: made.starts,
            what: '  how often it starts',
            unit: '',
            beside: { what: 'evcc’s rule', value: made.evccStarts },
          },
        );
      }
      for (const special of measureSpecialPlans(nowMs))
        figures.push(
          {
            key: `plan_${special.key}_ms_96`,
            value: special.ms,
            what: `over 96: ${special.what}`,
            unit: 'ms',
            ...(special.highsMs !== undefined && { beside: { what: 'HiGHS', value: special.highsMs } }),
          },
          {
            key: `plan_${special.key}_median_ms_96`,
            value: special.medianMs,
            what: '  the median of 20',
            unit: 'ms',
          },
          {
            key: `plan_${special.key}_most_ms_96`,
            value: special.mostMs,
            what: '  the longest of 20',
            unit: 'ms',
          },
          {
            key: `plan_${special.key}_starts_96`,
            value: special.starts,
            what: '  how often it starts',
            unit: '',
          },
        );
      for (const cars of [10, 100, 1_000, 10_000]) {
        const site = measureSite(cars, nowMs, cars <= 1_000);
        const { highsMs, highsCostMicro } = site;
        const gap = highsCostMicro === undefined ? undefined : (site.costMicro / highsCostMicro - 1) * 100;
        figures.push(
          {
            key: `site_ms_${cars}`,
            value: site.ms,
            what: `a garage of ${cars.toLocaleString('en')} cars over a day`,
            unit: 'ms',
            ...(highsMs !== undefined && { beside: { what: 'HiGHS', value: highsMs } }),
            ...(cars === 1_000 && { target: { words: 'under 1 s', isReached: site.ms < 1_000 } }),
          },
          ...(highsMs === undefined
            ? []
            : [{ key: `highs_ms_${cars}`, value: highsMs, what: '  HiGHS', unit: 'ms' }]),
          ...(gap === undefined
            ? []
            : [
                {
                  key: `site_gap_${cars}`,
                  value: gap,
                  what: '  above the optimum',
                  unit: '%',
                  ...(cars === 1_000 && {
                    target: { words: 'within 0.1 %', isReached: gap <= 0.1 && site.unmetWh === 0 },
                  }),
                },
              ]),
          {
            key: `site_proven_ppm_${cars}`,
            value: site.provenPerMillion,
            what: '  above the optimum at most, by its own proof',
            unit: 'ppm',
          },
          {
            key: `site_cost_${cars}`,
            value: euro(site.costMicro),
            what: '  what it costs',
            unit: '€',
            beside: { what: 'evcc’s rule, car by car', value: euro(site.evccCostMicro) },
          },
          {
            key: `site_evcc_unmet_kwh_${cars}`,
            value: site.evccUnmetWh / 1_000,
            what: '  not charged by evcc’s rule',
            unit: 'kWh',
            beside: { what: 'not charged by ours', value: site.unmetWh / 1_000 },
          },
        );
      }
      return figures;
    },
  },
];
