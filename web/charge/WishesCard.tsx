import { useWords } from '../app/AppServices.ts';
import { NumberField } from '../design/NumberField.tsx';
import { formatEnergy, formatExactMoney, formatMoney } from '../words/format.ts';
import { GivingBack } from './GivingBack.tsx';
import { leaveAtOf } from './leaveAtOf.ts';
import { type Allowed, type OwnLimits, type WishForm, withMode } from './WishForm.ts';

/** How to charge, until when, how much, and whether the car may give back. */
export function WishesCard({
  form,
  onForm,
  allowed,
  limits,
  currency,
  feedInMicroPerKwh,
  now,
  caps,
  levelPerMille,
  onLevel,
}: {
  readonly form: WishForm;
  readonly onForm: (form: WishForm) => void;
  /** What the driver says is in the battery now; asked anew for every charge. */
  readonly levelPerMille?: number;
  readonly onLevel: (levelPerMille: number | undefined) => void;
  readonly allowed: Allowed;
  readonly limits: OwnLimits;
  readonly currency: string;
  readonly feedInMicroPerKwh: number;
  readonly now: number;
  /** What the certificate caps a charge at, if there is one. */
  readonly caps?: OwnLimits;
}) {
  const { words, language } = useWords();
  const modes = (['immediate', 'cheapest', 'greenest'] as const).filter(
    (mode) => mode !== 'greenest' || allowed.carbon,
  );
  const mode = form.mode === 'greenest' && !allowed.carbon ? 'cheapest' : form.mode;
  const isPlanned = mode !== 'immediate';
  const leaveAt = leaveAtOf(form.leaveTime, new Date(now * 1000));
  const isToday = new Date(leaveAt * 1000).getDate() === new Date(now * 1000).getDate();
  const isByEnergy = form.limitBy === 'energy';
  const bound = isByEnergy
    ? formatMoney(limits.maxAmountMicro, currency, language)
    : formatEnergy(limits.maxEnergyWh, language);
  return (
    <section className="card" aria-labelledby="wishes">
      <h2 id="wishes">{words.wishes.title}</h2>
      <fieldset className="field">
        <legend className="unseen">{words.wishes.how}</legend>
        <div className="segmented">
          {modes.map((option) => (
            <label key={option}>
              <input
                type="radio"
                name="mode"
                checked={mode === option}
                onChange={() => onForm(withMode(form, option))}
              />
              <span>{words.wishes[option]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="fields">
        {isPlanned && (
          <label className="field wide">
            <span>{words.wishes.leaveAt}</span>
            <input
              name="leave"
              type="time"
              value={form.leaveTime}
              onChange={({ target }) => onForm({ ...form, leaveTime: target.value })}
            />
            <small>
              {form.leaveTime === ''
                ? words.wishes.leaveOpen
                : isToday
                  ? words.wishes.today
                  : words.wishes.tomorrow}
            </small>
          </label>
        )}
        <fieldset className="how-much wide">
          <legend className="unseen">{words.wishes.howMuch}</legend>
          {isByEnergy ? (
            <NumberField
              key="energy"
              name="max-energy"
              label={words.wishes.energy}
              value={form.energyWh}
              onChange={(energyWh) => onForm({ ...form, energyWh })}
            />
          ) : (
            <NumberField
              key="amount"
              name="max-amount"
              label={words.wishes.amount}
              value={form.amountMicro / 1_000}
              onChange={(thousandths) => onForm({ ...form, amountMicro: thousandths * 1_000 })}
            />
          )}
          <div className="segmented slim">
            {(['energy', 'amount'] as const).map((option) => (
              <label key={option}>
                <input
                  type="radio"
                  name="limit-by"
                  checked={form.limitBy === option}
                  onChange={() => onForm({ ...form, limitBy: option })}
                />
                <span>{option === 'energy' ? words.wishes.byEnergy : words.wishes.byAmount}</span>
              </label>
            ))}
          </div>
        </fieldset>
      </div>
      <p className="soft small">
        {words.wishes.alsoAtMost(bound)}
        {caps !== undefined &&
          ` ${words.unlock.certificateCaps(
            formatEnergy(caps.maxEnergyWh, language),
            formatMoney(caps.maxAmountMicro, currency, language),
          )}`}
      </p>
      {mode === 'cheapest' && allowed.discharge && (
        <GivingBack
          form={form}
          onForm={onForm}
          onLevel={onLevel}
          {...(levelPerMille !== undefined && { levelPerMille })}
          price={formatExactMoney(feedInMicroPerKwh, currency, language)}
        />
      )}
    </section>
  );
}
