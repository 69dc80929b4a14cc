import { useNow, useWords } from '../app/AppServices.ts';
import { priceChartSlots } from '../charge/previewPlan.ts';
import { Notice } from '../design/Notice.tsx';
import { TimeChart } from '../design/TimeChart.tsx';
import { formatExactMoney, formatTimeOfDay } from '../words/format.ts';
import { displayedCapMicro, extremesOf, spanAhead } from './dynamicPrices.ts';
import type { DynamicPoint, PointInFull } from './Point.ts';

/** A dynamic point's price now, the hours to come, and the most that it ever asks. */
export function DynamicPrices({
  point,
  dynamic,
}: {
  readonly point: PointInFull;
  readonly dynamic: DynamicPoint;
}) {
  const { words, language } = useWords();
  const now = useNow(30_000);
  const { tariff, timeZone } = point;
  if (tariff === undefined) return null;
  const price = (micro: number) => formatExactMoney(Math.round(micro / 100) * 100, tariff.currency, language);
  const time = (at: number) => formatTimeOfDay(at, language);
  const span = spanAhead(dynamic.nextHours, now);
  const slots = priceChartSlots({ tariff, timeZone, prices: dynamic.nextHours }, span);
  const extremes = extremesOf(slots);
  const cap = displayedCapMicro(tariff, dynamic.capMicro);
  // No market prices and no fallback: then nothing is asked now, and the page says so where it says what can be had.
  const hasPrice = point.unavailable !== 'no-fresh-price';
  return (
    <div className="dynamic" data-testid="dynamic-prices">
      <div className="card-head">
        {hasPrice && (
          <span>
            <span className="price-now" data-testid="kwh-now">
              {price(slots[0]?.value ?? cap)}
            </span>{' '}
            <span className="soft">
              {words.plan.perKwh} {words.dynamic.now}
            </span>
          </span>
        )}
        <span className="badge good">{words.dynamic.badge}</span>
      </div>
      <p className="soft small">{words.dynamic.atMost(price(cap))}</p>
      {hasPrice && dynamic.isFallback && <Notice kind="warn">{words.dynamic.fallback}</Notice>}
      {!dynamic.isFallback && (
        <>
          <TimeChart
            testId="price-chart"
            label={
              extremes === undefined
                ? words.dynamic.nextHours
                : words.dynamic.summary(
                    price(extremes.low.value),
                    time(extremes.low.from),
                    price(extremes.high.value),
                    time(extremes.high.from),
                  )
            }
            span={span}
            panels={[
              {
                label: words.dynamic.nextHours,
                slots,
                format: price,
                kind: 'columns',
                tone: 'quiet',
                heightPx: 104,
              },
            ]}
            chosen={slots.slice(0, 1)}
          />
          {extremes !== undefined && (
            <p className="small">
              {words.dynamic.summary(
                price(extremes.low.value),
                time(extremes.low.from),
                price(extremes.high.value),
                time(extremes.high.from),
              )}
            </p>
          )}
          <p className="soft small">{words.dynamic.follows(dynamic.area)}</p>
        </>
      )}
    </div>
  );
}
