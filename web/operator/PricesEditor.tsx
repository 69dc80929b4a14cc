import { checkDynamicTariff } from '@p2p-power/tariff/DynamicTerms';
import { accept } from '@p2p-power/tariff/Result';
import { printTariff } from '@p2p-power/tariff/Tariff';
import { useMemo, useRef, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Notice, RefusalNotice } from '../design/Notice.tsx';
import { DriverView } from './DriverView.tsx';
import { DynamicCard } from './DynamicCard.tsx';
import { type DynamicForm, dynamicFormOf, dynamicTermsOf } from './DynamicForm.ts';
import { LimitsCard } from './LimitsCard.tsx';
import { PreviewCard } from './PreviewCard.tsx';
import type { PricedPoint } from './PricedPoint.ts';
import { PriceRows } from './PriceRows.tsx';
import { publishSteps } from './publishSteps.ts';
import { type Refused, refusalForOperator, type ToldRefusal } from './refusalForOperator.ts';
import { priceTypes, type TariffForm, tariffOf } from './TariffForm.ts';
import { parsePreview } from './TariffPreview.ts';
import { usePreview } from './usePreview.ts';

/** The prices of a point as a form, with what they would have earned, and the button that publishes them. */
export function PricesEditor({
  point,
  before,
  isPublished,
  onPublished,
}: {
  readonly point: PricedPoint;
  readonly before: TariffForm;
  /** Whether what is shown has just been published. */
  readonly isPublished: boolean;
  readonly onPublished: () => Promise<void>;
}) {
  const { api, now } = useServices();
  const { words, language } = useWords();
  const [form, setForm] = useState(before);
  const [dynamic, setDynamic] = useState<DynamicForm | undefined>(
    point.dynamic && dynamicFormOf(point.dynamic),
  );
  const [refusal, setRefusal] = useState<ToldRefusal>();
  const [message, setMessage] = useState(isPublished ? words.prices.published : '');
  const [isBusy, setIsBusy] = useState(false);
  const openedAt = useRef(now());

  const made = useMemo(() => tariffOf(form, openedAt.current), [form]);
  const terms = useMemo(
    () => (dynamic === undefined ? accept(undefined) : dynamicTermsOf(dynamic)),
    [dynamic],
  );
  const tariff = made.ok ? made.value : undefined;
  const carried =
    tariff !== undefined && terms.ok && terms.value !== undefined
      ? checkDynamicTariff(terms.value, tariff)
      : accept(undefined);
  const fault = [made, terms, carried].find((result) => !result.ok);
  const faultNow = fault?.ok === false ? { refusal: fault.refusal, detail: fault.detail } : undefined;
  const previewed = usePreview(
    point.evseId,
    faultNow === undefined ? tariff : undefined,
    terms.ok ? terms.value : undefined,
  );
  const { frame } = point;
  const { currency, vatBp } = form;

  const told = (refused: Refused): ToldRefusal =>
    tariff === undefined
      ? { refusal: refused, detailLanguage: 'en' }
      : refusalForOperator(refused, point, { tariff, dynamic: terms.ok ? terms.value : undefined }, language);
  const refuse = (refused: Refused) => {
    setRefusal(told(refused));
    setIsBusy(false);
  };
  const publish = async () => {
    if (tariff === undefined || !terms.ok) return;
    setIsBusy(true);
    setRefusal(undefined);
    setMessage('');
    const after = {
      tariff: { ...tariff, lastUpdatedAt: now() },
      ...(terms.value !== undefined && { dynamic: terms.value }),
    };
    const steps = publishSteps(point.evseId, point, after);
    if (steps.length === 0) {
      setMessage(words.prices.unchanged);
      return setIsBusy(false);
    }
    // Asked before anything is done, so that of two steps not only the first is taken.
    const asked = await api.asDriver('POST', '/operator/tariff-previews', {
      evseId: point.evseId,
      tariff: printTariff(after.tariff),
      ...(after.dynamic !== undefined && { dynamic: after.dynamic }),
      limit: 1,
    });
    if (!asked.ok) return refuse(asked);
    const refused = parsePreview(asked.value)?.refused;
    if (refused !== undefined) return refuse(refused);
    for (const { method, path, body } of steps) {
      const answer = await api.asDriver(method, path, body);
      if (!answer.ok) return refuse(answer);
    }
    await onPublished();
  };

  const refusedByPreview = previewed.preview?.refused;
  const shown = refusal ?? (refusedByPreview && told(refusedByPreview));

  return (
    <>
      <div className="column">
        <p className="soft small">{words.prices.beforeTax}</p>
        {priceTypes.map((type) => (
          <PriceRows
            key={type}
            {...{ type, vatBp, currency, frame }}
            rows={form.rows[type]}
            onRows={(rows) => setForm({ ...form, rows: { ...form.rows, [type]: rows } })}
          />
        ))}
        <DynamicCard
          form={dynamic}
          onForm={setDynamic}
          energyMicro={form.rows.ENERGY.at(-1)?.priceMicro ?? 0}
          {...{ currency, frame }}
        />
        <LimitsCard {...{ form, frame }} onForm={setForm} />
      </div>
      <div className="column beside-form">
        {tariff !== undefined && (
          <DriverView {...{ tariff, point }} dynamic={terms.ok ? terms.value : undefined} />
        )}
        {faultNow !== undefined ? (
          <RefusalNotice refusal={faultNow} title={words.prices.fault} withDetail />
        ) : (
          <PreviewCard preview={previewed.preview} refusal={previewed.refusal} />
        )}
        {tariff !== undefined && (
          <details>
            <summary className="soft small">{words.prices.json}</summary>
            <pre className="json" data-testid="tariff-json">
              {JSON.stringify(printTariff(tariff), undefined, 2)}
            </pre>
          </details>
        )}
        <div aria-live="polite" data-testid="published">
          {shown !== undefined && <RefusalNotice {...shown} withDetail />}
          {message !== '' && <Notice kind="good">{message}</Notice>}
        </div>
        <button
          type="button"
          className="button primary big"
          disabled={isBusy || faultNow !== undefined}
          onClick={() => void publish()}
        >
          {isBusy ? words.prices.publishing : words.prices.publish}
        </button>
      </div>
    </>
  );
}
