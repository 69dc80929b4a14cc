import { useNow, useWords } from '../app/AppServices.ts';
import { Icon } from '../design/Icon.tsx';
import type { Words } from '../words/de.ts';
import { formatExactMoney, formatTimeOfDay } from '../words/format.ts';
import type { Language } from '../words/Language.ts';
import type { ChargeRecord } from './ChargeRecord.ts';
import { PlanChart } from './PlanCard.tsx';
import { type PlanStep, stepAt } from './planStep.ts';
import { priceChartSlots, spanOf } from './previewPlan.ts';

/** Charging at once at prices that stand still needs no picture. */
export function hasPlanToShow({ authorization, agreed }: ChargeRecord): boolean {
  return authorization.value.mode !== 'immediate' || agreed?.prices !== undefined;
}

/** The plan that runs: what happens next and why, the price now, and the hours to come. */
export function RunningPlan({ record }: { readonly record: ChargeRecord }) {
  const { words, language } = useWords();
  const { status, agreed, maxPowerW, currency } = record;
  // The plan begins at the station's clock: what it says of now must not lag behind.
  const now = Math.max(useNow(5_000), status?.at ?? 0);
  const { mode, leaveAt } = record.authorization.value;
  if (agreed === undefined) return null;
  const [priceNow] = priceChartSlots(agreed, { from: now, to: now + 1 });
  const plan = status?.plan ?? [];
  const step = stepAt(plan, now);
  const isWaiting = step.kind === 'starts' && mode !== 'immediate';
  const isHeldBack = status?.state === 'paused' && (step.kind === 'charges' || step.kind === 'pauses');
  const readyAt = plan.at(-1)?.to ?? now;
  const summary = inWords(step, words, language);
  return (
    <section className="card" aria-labelledby="running-plan" data-testid="running-plan">
      <div className="card-head">
        <h2 id="running-plan">{words.plan.running}</h2>
        {priceNow?.value !== undefined && (
          <span className="small number" data-testid="price-now">
            <span className="soft">{words.plan.priceNow}</span>{' '}
            <strong>{formatExactMoney(Math.round(priceNow.value / 100) * 100, currency, language)}</strong>{' '}
            <span className="soft">{words.plan.perKwh}</span>
          </span>
        )}
      </div>
      {plan.length > 0 && (
        <>
          <p className="next-step" data-testid="next-step">
            <Icon name={step.kind === 'through' ? 'check' : 'clock'} size={20} />
            <strong>{summary}</strong>
          </p>
          {isHeldBack && <p className="soft small">{words.plan.gridLimit}</p>}
          {isWaiting && <p className="soft small">{words.plan.waitsFor[mode]}</p>}
          <PlanChart
            slots={plan}
            summary={summary}
            terms={{ ...agreed, maxPowerW }}
            outlook={agreed.outlook}
            span={spanOf({ readyAt }, leaveAt, now)}
            leaveAt={leaveAt}
          />
        </>
      )}
    </section>
  );
}

function inWords(step: PlanStep, words: Words, language: Language): string {
  const { plan } = words;
  if (step.kind === 'through') return plan.through;
  const time = formatTimeOfDay('at' in step ? step.at : step.until, language);
  return {
    starts: plan.startsAt,
    'gives-back-later': plan.givesBackAt,
    charges: plan.lastUntil,
    pauses: plan.pausesAt,
    'gives-back': plan.givesBackUntil,
  }[step.kind](time);
}
