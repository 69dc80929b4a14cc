import { useWords } from '../app/AppServices.ts';
import { NumberField } from '../design/NumberField.tsx';
import { faultOf, type WishForm } from './WishForm.ts';

/** Whether the car may give back, within what bounds, and what the driver says of it so that the plan can be shown. */
export function GivingBack({
  form,
  onForm,
  levelPerMille,
  onLevel,
  price,
}: {
  readonly form: WishForm;
  readonly onForm: (form: WishForm) => void;
  readonly levelPerMille?: number;
  readonly onLevel: (levelPerMille: number | undefined) => void;
  /** What a kWh given back earns, in words. */
  readonly price: string;
}) {
  const { words } = useWords();
  const fault = faultOf(form);
  const isOverFull = levelPerMille !== undefined && levelPerMille > 1_000;
  return (
    <fieldset className="field">
      <label className="agree">
        <input
          type="checkbox"
          name="may-discharge"
          checked={form.mayDischarge}
          onChange={({ target }) => onForm({ ...form, mayDischarge: target.checked })}
        />
        {words.wishes.giveBack}
      </label>
      <p className="soft small">{words.wishes.giveBackFor(price)}</p>
      {form.mayDischarge && (
        <>
          <div className="fields">
            <NumberField
              name="reserve"
              label={words.wishes.reserve}
              value={form.reserveWh}
              onChange={(reserveWh) => onForm({ ...form, reserveWh })}
            />
            <NumberField
              name="target"
              label={words.wishes.target}
              hint={words.wishes.targetHint}
              value={form.targetWh}
              onChange={(targetWh) => onForm({ ...form, targetWh })}
            />
          </div>
          <fieldset className="field" aria-describedby="my-car">
            <legend className="small">{words.wishes.myCar}</legend>
            <div className="fields">
              <NumberField
                name="battery"
                label={words.wishes.battery}
                value={form.batteryWh}
                onChange={(batteryWh) => onForm({ ...form, batteryWh })}
                isOptional
              />
              <NumberField
                name="level"
                label={words.wishes.level}
                value={(levelPerMille ?? 0) * 100}
                onChange={(thousandths, typed) =>
                  onLevel(typed.trim() === '' ? undefined : Math.round(thousandths / 100))
                }
                isOptional
              />
            </div>
            <p className="soft small" id="my-car">
              {words.wishes.myCarHint}
            </p>
          </fieldset>
        </>
      )}
      {fault === 'reserve-over-target' && (
        <p className="bad-text small" role="alert">
          {words.wishes.reserveOverTarget}
        </p>
      )}
      {form.mayDischarge && isOverFull && (
        <p className="bad-text small" role="alert">
          {words.wishes.overFull}
        </p>
      )}
    </fieldset>
  );
}
