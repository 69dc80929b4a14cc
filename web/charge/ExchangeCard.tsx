import type { Outlook, SessionTerms } from '@p2p-power/planning/sessionWish';
import { useWords } from '../app/AppServices.ts';
import { formatEnergy, formatExactMoney, formatMoney } from '../words/format.ts';
import { PlanChart, timesInWords } from './PlanCard.tsx';
import type { ExchangePreview } from './previewExchange.ts';
import { spanOf } from './previewPlan.ts';

/** Charging and giving back over the hours, what the driver pays, earns and saves, if the car is as the driver said. */
export function ExchangeCard({
  preview,
  terms,
  outlook,
  leaveAt,
  now,
}: {
  readonly preview: ExchangePreview;
  readonly terms: SessionTerms;
  readonly outlook: Outlook;
  readonly leaveAt: number;
  readonly now: number;
}) {
  const { words, language } = useWords();
  const { plan, battery, paidMicro, earnedMicro, savedMicro } = preview;
  const { currency } = terms.tariff;
  const money = (amountMicro: number) => formatMoney(amountMicro, currency, language);
  const givesBack = plan.givenWh > 0;
  const isCostlier = savedMicro <= -5_000;
  const times = (sign: 1 | -1) =>
    timesInWords(
      plan.slots.filter(({ powerW }) => Math.sign(powerW) === sign),
      language,
    );
  const charges = times(1);
  const percent = Math.round((plan.levelWh * 100) / battery.capacityWh);
  return (
    <section className="card" aria-labelledby="plan" data-testid="plan">
      <h2 id="plan">{words.plan.title}</h2>
      <PlanChart
        slots={plan.slots}
        summary={[
          charges === ''
            ? words.plan.nothing
            : words.plan.chargesAt(charges, formatEnergy(plan.drawnWh, language)),
          givesBack ? words.plan.givesBackAtTimes(times(-1), formatEnergy(plan.givenWh, language)) : '',
        ]
          .join(' ')
          .trim()}
        terms={terms}
        outlook={outlook}
        span={spanOf({ readyAt: now }, leaveAt, now)}
        leaveAt={leaveAt}
        battery={battery}
      />
      <div className="stats pairs">
        <div className="stat">
          <span>{words.plan.pays}</span>
          <strong data-testid="plan-cost">{money(paidMicro)}</strong>
          <small className="soft">{formatEnergy(plan.drawnWh, language)}</small>
        </div>
        <div className="stat">
          <span>{words.plan.earns}</span>
          <strong data-testid="plan-earns">{money(earnedMicro)}</strong>
          <small className="soft">{formatEnergy(plan.givenWh, language)}</small>
        </div>
        <div className={`stat ${savedMicro >= 5_000 ? 'good' : ''}`}>
          <span>{isCostlier ? words.plan.costsMore : words.plan.saves}</span>
          <strong data-testid="plan-saves">{money(Math.abs(savedMicro))}</strong>
          <small className="soft">{words.plan.savesAgainst}</small>
        </div>
        <div className="stat">
          <span>{words.plan.inBattery}</span>
          <strong data-testid="plan-level">{formatEnergy(plan.levelWh, language)}</strong>
          <small className="soft">{`${percent} %`}</small>
        </div>
      </div>
      {!givesBack && <p className="soft small">{words.plan.nothingGivenBack}</p>}
      <p className="soft small" data-testid="plan-assumes">
        {words.plan.ifCarIsSo(
          `${(1_000 - battery.chargePerMille) / 10} %`,
          formatExactMoney(battery.wearMicroPerKwh, currency, language),
        )}
      </p>
    </section>
  );
}
