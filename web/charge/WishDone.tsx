import type { Evidence } from '@p2p-power/protocol/Evidence';
import { useWords } from '../app/AppServices.ts';
import { type ChartPanel, TimeChart } from '../design/TimeChart.tsx';
import { formatEnergy, formatExactMoney, formatMoney, formatPower } from '../words/format.ts';
import { instantAtPoint, timeAtPoint } from '../words/pointTime.ts';
import { chargeFacts, powerSlots } from './chargeFacts.ts';
import { priceChartSlots } from './previewPlan.ts';

/** On a receipt: what was wished, what was done, and what it saved; recomputed here from the evidence. */
export function WishDone({ evidence }: { readonly evidence: Evidence }) {
  const { words, language } = useWords();
  const { mode, leaveAt, maxEnergyWh, maxAmountMicro, mayDischarge, reserveWh } =
    evidence.authorization.value;
  const { currency, timeZone } = evidence.offer.value;
  const { creditMicro, importedWh } = evidence.cdr.value;
  const facts = chargeFacts(evidence);
  const isPlanned = mode !== 'immediate';
  const { savedMicro = 0 } = facts;
  const isSaving = savedMicro >= 5_000;
  const money = (amountMicro: number) => formatMoney(amountMicro, currency, language);
  return (
    <section className="card" aria-labelledby="wish-done" data-testid="wish-done">
      <h2 id="wish-done">{words.done.title}</h2>
      {isPlanned && Math.abs(savedMicro) >= 5_000 && (
        <div className={`saved ${isSaving ? 'good' : ''}`}>
          <strong data-testid="saved">
            {isSaving ? words.done.saving(money(savedMicro)) : words.done.costlier(money(-savedMicro))}
          </strong>
          <span className="small">
            {words.done.savingDetail(money(facts.atOnceMicro), formatPower(facts.highestW, language))}
          </span>
        </div>
      )}
      <DoneChart evidence={evidence} />
      <dl className="facts">
        <dt>{words.done.wished}</dt>
        <dd>
          {words.done.modes[mode]},{' '}
          {words.done.mostOf(formatEnergy(maxEnergyWh, language), money(maxAmountMicro))}
        </dd>
        {isPlanned && (
          <>
            <dt>{words.done.leaveAt}</dt>
            <dd>{leaveAt === 0 ? words.done.noLeave : instantAtPoint(leaveAt, language, timeZone)}</dd>
          </>
        )}
        <dt>{words.done.charged}</dt>
        <dd>{formatEnergy(importedWh, language)}</dd>
        <dt>{words.done.ready}</dt>
        <dd>{timeAtPoint(facts.readyAt, language, timeZone)}</dd>
        {mayDischarge && (
          <>
            <dt>{words.done.givenBack}</dt>
            <dd data-testid="given-back">{formatEnergy(facts.exportedWh, language)}</dd>
            <dt>{words.done.kept}</dt>
            <dd>{formatEnergy(reserveWh, language)}</dd>
            <dt>{words.done.credit}</dt>
            <dd>{money(creditMicro)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** What a kWh cost and how strongly was charged, over the hours of the charge. */
function DoneChart({ evidence }: { readonly evidence: Evidence }) {
  const { words, language } = useWords();
  const { readings, tariff, prices, offer } = evidence;
  const first = readings[0]?.at ?? 0;
  const span = { from: first, to: Math.max(readings.at(-1)?.at ?? 0, first + 1) };
  const power = powerSlots(readings, offer.value.maxPowerW);
  const chosen = power.filter(({ value }) => value !== 0);
  if (span.to - span.from < 120) return null;
  const terms = { tariff, timeZone: offer.value.timeZone, ...(prices && { prices }) };
  const panels: readonly ChartPanel[] = [
    {
      label: words.plan.price,
      slots: priceChartSlots(terms, span),
      format: (micro) => formatExactMoney(Math.round(micro / 100) * 100, offer.value.currency, language),
      kind: 'columns',
      tone: 'quiet',
      heightPx: 96,
    },
    {
      label: words.plan.power,
      slots: power,
      format: (powerW) => formatPower(powerW, language),
      kind: 'columns',
      tone: 'brand',
      heightPx: 56,
      lines: 1,
    },
  ];
  return (
    <TimeChart
      testId="done-chart"
      label={words.done.prices}
      span={span}
      panels={panels}
      chosen={chosen}
      timeZone={offer.value.timeZone}
    />
  );
}
