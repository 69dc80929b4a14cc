import { POINT_CLASSES } from '@p2p-power/tariff/PriceFrame';
import { TARGET_GROUPS } from '@p2p-power/tariff/TargetGroup';
import { useEffect, useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { currencySign, formatEvseId } from '../words/format.ts';
import type { StaffCall } from './StaffAccess.ts';
import { type FrameForm, framesOf, newFrame, parseFramesAnswer } from './StaffPrices.ts';
import { useStaffList } from './useStaffList.ts';

/** What operators may ask for energy: all frames at once, and the points that are outside now. */
export function FramesCard({ call, currency }: { readonly call: StaffCall; readonly currency: string }) {
  const { words, language } = useWords();
  const list = useStaffList(call, `/admin/price-frames?language=${language}`, parseFramesAnswer);
  const [forms, setForms] = useState<readonly FrameForm[]>([]);
  // Frames are told apart by their place; once one comes or goes they are other fields.
  const [arrangement, setArrangement] = useState(0);
  const [isSaved, setIsSaved] = useState(false);
  const { value } = list;
  useEffect(() => {
    if (value === undefined) return;
    setForms(value.frames);
    setArrangement((count) => count + 1);
  }, [value]);
  const arrange = (arranged: readonly FrameForm[]) => {
    setForms(arranged);
    setArrangement(arrangement + 1);
    setIsSaved(false);
  };
  const frames = framesOf(forms);
  return (
    <section className="card" aria-labelledby="frames" data-testid="frames">
      <div className="card-head">
        <h2 id="frames">{words.staff.frames}</h2>
        <button
          type="button"
          className="button small"
          onClick={() => arrange([...forms, newFrame(currency)])}
        >
          {words.staff.addFrame}
        </button>
      </div>
      <p className="soft small">{words.staff.framesHint}</p>
      {value === undefined && list.refusal === undefined && <Waiting>{words.loading}</Waiting>}
      {value !== undefined && forms.length === 0 && <p>{words.staff.noFrames}</p>}
      {forms.map((form, index) => (
        <Frame
          // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its place in the list
          key={`${arrangement}-${index}`}
          {...{ form, index }}
          onForm={(changed) => {
            setForms(forms.with(index, changed));
            setIsSaved(false);
          }}
          onRemove={() => arrange(forms.toSpliced(index, 1))}
        />
      ))}
      <div aria-live="polite">
        {list.refusal !== undefined && <RefusalNotice refusal={list.refusal} withDetail />}
        {isSaved && <Notice kind="good">{words.staff.framesSaved}</Notice>}
      </div>
      {(forms.length > 0 || (value?.frames.length ?? 0) > 0) && (
        <button
          type="button"
          className="button primary"
          disabled={frames === undefined || list.isBusy}
          onClick={async () => setIsSaved(await list.act('PUT', '/admin/price-frames', { frames }))}
        >
          {words.staff.saveFrames}
        </button>
      )}
      {value !== undefined && value.outside.length > 0 && (
        <div data-testid="outside">
          <h3>{words.staff.outside}</h3>
          <ul className="lines">
            {value.outside.map(({ evseId, detail }) => (
              <li key={evseId} className="wraps">
                <strong>{formatEvseId(evseId)}</strong>
                <span className="remark soft small">{detail}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Frame({
  form,
  index,
  onForm,
  onRemove,
}: {
  readonly form: FrameForm;
  readonly index: number;
  readonly onForm: (form: FrameForm) => void;
  readonly onRemove: () => void;
}) {
  const { words } = useWords();
  const sign = currencySign(form.currency);
  const required = (name: 'floorMicro' | 'ceilingMicro', label: string) => (
    <DecimalField
      name={`frame-${index}-${name}`}
      label={label}
      places={6}
      leastPlaces={2}
      value={form[name]}
      onChange={(typed) => onForm({ ...form, [name]: typed ?? null })}
      unit={`${sign}/kWh`}
    />
  );
  const optional = (name: 'hourCeilingMicro' | 'sessionCeilingMicro', label: string, unit: string) => (
    <DecimalField
      name={`frame-${index}-${name}`}
      label={label}
      places={6}
      leastPlaces={2}
      value={form[name]}
      onChange={(typed) => {
        const { [name]: _, ...others } = form;
        onForm(typed === undefined ? others : { ...others, [name]: typed });
      }}
      unit={unit}
      hints={[words.staff.emptyForbids]}
      mayBeEmpty
    />
  );
  return (
    <div className="price-row">
      <div className="fields pairs">
        <label className="field">
          <span>{words.staff.pointClass}</span>
          <select
            name={`frame-${index}-class`}
            value={form.pointClass}
            onChange={({ target }) => onForm({ ...form, pointClass: target.value === 'dc' ? 'dc' : 'ac' })}
          >
            {POINT_CLASSES.map((name) => (
              <option key={name} value={name}>
                {words.staff.classes[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{words.staff.group}</span>
          <select
            name={`frame-${index}-group`}
            value={form.targetGroup ?? ''}
            onChange={({ target }) => {
              const { targetGroup: _, ...others } = form;
              const group = TARGET_GROUPS.find((known) => known === target.value);
              onForm(group === undefined ? others : { ...others, targetGroup: group });
            }}
          >
            <option value="">{words.staff.allGroups}</option>
            {TARGET_GROUPS.map((group) => (
              <option key={group} value={group}>
                {words.staff.groups[group]}
              </option>
            ))}
          </select>
        </label>
        {required('floorMicro', words.staff.floor)}
        {required('ceilingMicro', words.staff.ceiling)}
        {optional('hourCeilingMicro', words.staff.hourCeiling, `${sign}/h`)}
        {optional('sessionCeilingMicro', words.staff.sessionCeiling, sign)}
      </div>
      <div className="foot">
        <label className="tick">
          <input
            type="checkbox"
            checked={form.mayBeFree}
            onChange={({ target }) => onForm({ ...form, mayBeFree: target.checked })}
          />
          {words.staff.mayBeFree}
        </label>
        <button type="button" className="button plain small" onClick={onRemove}>
          {words.staff.remove}
        </button>
      </div>
    </div>
  );
}
