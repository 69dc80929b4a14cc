import { BATTERY_ASSUMPTIONS } from '@p2p-power/planning/study/Battery';
import { type Strategy, type Study, strategies } from '@p2p-power/planning/study/runStudy';
import type { StrategyOutcome } from '@p2p-power/planning/study/Tally';
import { AVERAGE_GRAMS, AVERAGE_GRAMS_SOURCE, daysOf, type Simulation } from './Simulation.ts';

const WS_PER_KWH = 3_600_000;

/** The simulation for machines. Money, energy and CO2 leave whole numbers here, rounded; the same input gives the same text. */
export function describeSimulation({ wish, sessions, carbon, studies }: Simulation): object {
  const described = studies.map(({ file, series, study }) => ({
    prices: file,
    from: daysOf(series, wish.timeZone)[0],
    to: daysOf(series, wish.timeZone)[1],
    ...describeStudy(study),
  }));
  const first = described[0];
  return {
    inputs: {
      sessions: {
        file: sessions.file,
        rows: sessions.rows,
        unfinished: sessions.unfinished,
        played: sessions.played,
      },
      prices: studies.map(({ file }) => file),
      carbon: carbon?.file ?? { grams_per_kwh: AVERAGE_GRAMS, source: AVERAGE_GRAMS_SOURCE },
      time_zone: wish.timeZone,
    },
    seed: wish.seed,
    assumptions: { battery: BATTERY_ASSUMPTIONS, power_w: wish.powerW ?? 'by user, from energy and time' },
    strategies: first?.strategies,
    saving_share_of_clairvoyant: first?.saving_share_of_clairvoyant,
    departures_worse_than_at_once: first?.departures_worse_than_at_once,
    studies: described,
  };
}

function describeStudy(study: Study) {
  const { outcomes, savingSharePerMyriad } = study;
  return {
    charges: study.charges,
    without_energy: study.withoutEnergy,
    outside_prices: study.outsidePrices,
    users: study.users,
    garages: study.garages,
    energy_kwh: kwh(study.energyWs),
    charger_powers: Object.fromEntries(study.powersW),
    limit_kw: round(study.fuseW / 1_000, 1),
    strategies: Object.fromEntries(
      strategies.map((name) => [name, describeOutcome(outcomes[name])]),
    ) as Record<Strategy, ReturnType<typeof describeOutcome>>,
    saving_share_of_clairvoyant: savingSharePerMyriad.ours / 10_000,
    saving_share: Object.fromEntries(
      Object.entries(savingSharePerMyriad).map(([name, share]) => [name, share / 10_000]),
    ),
    departures_worse_than_at_once: outcomes.ours.worseDepartures,
    grid_hours: study.hours,
    flexibility: study.flexibility.map(({ fromH, toH, charges }) => ({ from_h: fromH, to_h: toH, charges })),
  };
}

function describeOutcome(outcome: StrategyOutcome) {
  return {
    cost_eur: eur(outcome.costMicro),
    co2_kg: round(outcome.carbonMg / 1_000_000, 1),
    peak_kw: round(outcome.peakW / 1_000, 1),
    unmet_kwh: kwh(outcome.unmetWs),
    starts: outcome.starts,
    drawn_kwh: kwh(outcome.drawnWs),
    given_kwh: kwh(outcome.givenWs),
    wear_eur: eur(outcome.wearMicro),
    red_kwh: kwh(outcome.redWs),
    yellow_kwh: kwh(outcome.yellowWs),
    worse_departures: outcome.worseDepartures,
    dearer_charges: outcome.dearerCharges,
    garage_peaks_kw: Object.fromEntries(
      [...outcome.garagePeaksW].map(([garage, powerW]) => [garage, round(powerW / 1_000, 1)]),
    ),
    month_eur: Object.fromEntries([...outcome.monthMicro].map(([month, micro]) => [month, eur(micro)])),
    day_kw: outcome.dayW.map((powerW) => round(powerW / 1_000, 3)),
  };
}

function eur(micro: number): number {
  return round(micro / 1_000_000, 2);
}

function kwh(ws: number): number {
  return round(ws / WS_PER_KWH, 2);
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
