import type { BatteryState } from '@p2p-power/planning/sessionDischarge';
import type { Outlook, SessionTerms } from '@p2p-power/planning/sessionWish';
import { useWords } from '../app/AppServices.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice } from '../design/Notice.tsx';
import { type ChartPanel, TimeChart } from '../design/TimeChart.tsx';
import type { Words } from '../words/de.ts';
import {
  formatEnergy,
  formatExactMoney,
  formatGrams,
  formatMass,
  formatMoney,
  formatPower,
  formatTimeOfDay,
} from '../words/format.ts';
import type { Language } from '../words/Language.ts';
import { runsOf } from './planStep.ts';
import { carbonChartSlots, type PlanPreview, priceChartSlots, spanOf } from './previewPlan.ts';
import { batterySlots } from './statedBattery.ts';

/** The plan that will run: prices, CO2 and power over the hours, what it costs, when it is ready, what it saves. */
export function PlanCard({
  preview,
  terms,
  outlook,
  wish,
  now,
}: {
  readonly preview: PlanPreview;
  readonly terms: SessionTerms;
  readonly outlook: Outlook;
  readonly wish: { readonly leaveAt: number; readonly maxEnergyWh: number; readonly mayDischarge: boolean };
  readonly now: number;
}) {
  const { words, language } = useWords();
  const { plan, slots, costMicro, byLeavingWh } = preview;
  const { currency } = terms.tariff;
  const { leaveAt } = wish;
  const trouble = atOnceBecause(plan.basis, words, formatEnergy(plan.energyWh, language));
  const isTooLate = leaveAt > 0 && plan.readyAt > leaveAt;
  const isBought = trouble === undefined && plan.energyWh < wish.maxEnergyWh;
  return (
    <section className="card" aria-labelledby="plan" data-testid="plan">
      <h2 id="plan">{words.plan.title}</h2>
      {trouble !== undefined && (
        <Notice kind="warn" icon="clock" title={trouble}>
          {plan.basis === 'deadline-too-soon' && words.plan.inTime(formatEnergy(byLeavingWh, language))}
        </Notice>
      )}
      <PlanChart
        slots={slots}
        summary={
          slots.length === 0
            ? words.plan.nothing
            : words.plan.summary(
                timesInWords(slots, language),
                formatEnergy(byLeavingWh, language),
                formatMoney(costMicro, currency, language),
              )
        }
        terms={terms}
        outlook={outlook}
        span={spanOf(plan, leaveAt, now)}
        leaveAt={leaveAt}
      />
      <div className="stats">
        <div className="stat">
          <span>{words.plan.cost}</span>
          <strong data-testid="plan-cost">{formatMoney(costMicro, currency, language)}</strong>
        </div>
        <div className="stat">
          <span>{words.plan.ready}</span>
          <strong data-testid="plan-ready">
            {isTooLate ? '–' : formatTimeOfDay(plan.readyAt, language)}
          </strong>
        </div>
        {trouble === undefined && <Saving preview={preview} currency={currency} />}
      </div>
      <CarbonDifference preview={preview} />
      {isBought && (
        <p className="soft small">{words.plan.amountBuys(formatEnergy(plan.energyWh, language))}</p>
      )}
      {plan.unpricedWh > 0 && (
        <p className="soft small">{words.plan.assumed(formatEnergy(plan.unpricedWh, language))}</p>
      )}
      {wish.mayDischarge && <p className="soft small">{words.plan.giveBackLater}</p>}
    </section>
  );
}

function Saving({ preview, currency }: { readonly preview: PlanPreview; readonly currency: string }) {
  const { words, language } = useWords();
  const savedMicro = preview.atOnceMicro - preview.costMicro;
  const isCostlier = savedMicro <= -5_000;
  return (
    <div className={`stat ${savedMicro >= 5_000 ? 'good' : ''}`}>
      <span>{isCostlier ? words.plan.costsMore : words.plan.saves}</span>
      <strong data-testid="plan-saves">{formatMoney(Math.abs(savedMicro), currency, language)}</strong>
      <small className="soft">{words.plan.savesAgainst}</small>
    </div>
  );
}

/** While charging at once is chosen: what the cheapest hours would save, one touch away. */
export function CheaperHint({
  preview: { plan, costMicro, atOnceMicro },
  currency,
  leaveAt,
  onTake,
}: {
  readonly preview: PlanPreview;
  readonly currency: string;
  readonly leaveAt: number;
  readonly onTake: () => void;
}) {
  const { words, language } = useWords();
  const savedMicro = atOnceMicro - costMicro;
  if (plan.basis !== 'cheapest' || savedMicro < leastHintMicro) return null;
  return (
    <button type="button" className="button hint" data-testid="cheaper" onClick={onTake}>
      <Icon name="clock" size={20} />
      {words.plan.wouldSave(
        formatMoney(savedMicro, currency, language),
        formatTimeOfDay(leaveAt === 0 ? plan.readyAt : leaveAt, language),
      )}
    </button>
  );
}

/** Less than this is not worth a word, micro-units. */
const leastHintMicro = 100_000;

function CarbonDifference({ preview: { carbonG, atOnceCarbonG } }: { readonly preview: PlanPreview }) {
  const { words, language } = useWords();
  if (carbonG === undefined || atOnceCarbonG === undefined || carbonG === atOnceCarbonG) return null;
  const mass = formatMass(Math.abs(atOnceCarbonG - carbonG), language);
  return (
    <p className="soft small" data-testid="plan-carbon">
      {carbonG < atOnceCarbonG ? words.plan.carbonSaved(mass) : words.plan.carbonMore(mass)}
    </p>
  );
}

/** Prices, CO2 where it is known, and the planned power; giving back hangs below the line. */
export function PlanChart({
  slots,
  summary,
  terms,
  outlook,
  span,
  leaveAt,
  battery,
}: {
  readonly slots: readonly { readonly from: number; readonly to: number; readonly powerW: number }[];
  readonly summary: string;
  readonly terms: Pick<SessionTerms, 'tariff' | 'timeZone' | 'prices' | 'maxPowerW'>;
  readonly outlook: Outlook;
  readonly span: { readonly from: number; readonly to: number };
  readonly leaveAt: number;
  /** What the plan begins with, where that is known: then what will be in it is shown, too. */
  readonly battery?: BatteryState;
}) {
  const { words, language } = useWords();
  const { currency } = terms.tariff;
  const carbon = carbonChartSlots(outlook.carbon, span);
  const panels: ChartPanel[] = [
    {
      label: words.plan.price,
      slots: priceChartSlots(terms, span),
      format: (micro) => formatExactMoney(Math.round(micro / 100) * 100, currency, language),
      kind: 'columns',
      tone: 'quiet',
      heightPx: 120,
    },
  ];
  if (carbon.length > 0)
    panels.push({
      label: words.plan.carbon,
      slots: carbon,
      format: (grams) => formatGrams(grams, language),
      kind: 'line',
      tone: 'green',
      heightPx: 56,
      lines: 1,
    });
  panels.push({
    label: words.plan.power,
    slots: slots.map(({ from, to, powerW }) => ({ from, to, value: powerW })),
    format: (powerW) => formatPower(powerW, language),
    kind: 'columns',
    tone: 'brand',
    heightPx: 44,
    least: terms.maxPowerW,
    lines: 0,
  });
  if (battery !== undefined)
    panels.push({
      label: words.plan.level,
      slots: batterySlots(slots, battery, span),
      format: (percent) => `${percent} %`,
      kind: 'line',
      tone: 'brand',
      heightPx: 56,
      least: 100,
      lines: 1,
    });
  return (
    <TimeChart
      testId="plan-chart"
      label={summary}
      span={span}
      panels={panels}
      chosen={slots}
      marks={leaveAt > 0 ? [{ at: leaveAt, label: words.plan.departure }] : []}
    />
  );
}

/** Why a plan charges at once although that was not asked; undefined where it does what was asked. */
function atOnceBecause(basis: string, words: Words, energy: string): string | undefined {
  const reasons: Readonly<Record<string, (energy: string) => string>> = words.plan.basis;
  return reasons[basis]?.(energy);
}

/** `02:00–04:15, 05:00–05:30`: slots that touch are one run. */
export function timesInWords(slots: Parameters<typeof runsOf>[0], language: Language): string {
  const time = (at: number) => formatTimeOfDay(at, language);
  return runsOf(slots)
    .map(({ from, to }) => `${time(from)}–${time(to)}`)
    .join(', ');
}
