import type { GridSlot } from '@p2p-power/protocol/Signal';
import { useState } from 'react';
import { useNow, useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { type ChartPanel, TimeChart, type Tone } from '../design/TimeChart.tsx';
import {
  formatDuration,
  formatExactMoney,
  formatGrams,
  formatInstant,
  formatPower,
} from '../words/format.ts';
import { refusalInWords } from '../words/refusalWords.ts';
import {
  limitSlots,
  parseSeries,
  type SignalSeries,
  signalSlots,
  sourceName,
  spanOfSignal,
  stateOfSeverity,
  withSlot,
} from './SignalSeries.ts';
import type { StaffCall } from './StaffAccess.ts';
import { type StaffList, useStaffList } from './useStaffList.ts';

/** All signals with what they say over time, their age and their last fault; a grid's state can be stated by hand. */
export function SignalsCard({ call, currency }: { readonly call: StaffCall; readonly currency: string }) {
  const { words } = useWords();
  const list = useStaffList(call, '/admin/signals', parseSeries);
  return (
    <>
      <section className="card" aria-labelledby="signals">
        <div className="card-head">
          <h2 id="signals">{words.staff.signals}</h2>
          <button type="button" className="button small" onClick={() => void list.load()}>
            {words.staff.reload}
          </button>
        </div>
        {list.value === undefined && list.refusal === undefined && <Waiting>{words.loading}</Waiting>}
        {list.value?.length === 0 && <p className="soft">{words.staff.noSignals}</p>}
        {list.value?.map((series) => (
          <Series key={`${series.kind} ${series.area}`} series={series} currency={currency} />
        ))}
      </section>
      <GridForm list={list} />
    </>
  );
}

function Series({ series, currency }: { readonly series: SignalSeries; readonly currency: string }) {
  const { words, language } = useWords();
  const { kind, area, content, fault, faultDetail, faultsInRow, ageS, knownUntil, missing } = series;
  const facts = [
    words.staff.source(sourceName(series.source)),
    ageS === undefined ? words.staff.never : words.staff.age(formatDuration(ageS)),
    ...(knownUntil === undefined ? [] : [words.staff.knownUntil(formatInstant(knownUntil, language))]),
    ...(missing > 0 ? [words.staff.missing(missing)] : []),
  ];
  return (
    <div className="series" data-testid={`signal-${kind}-${area}`}>
      <div className="card-head">
        <h3>
          {words.staff.kinds[kind]} · {area}
        </h3>
        <span className={`badge ${fault === undefined ? 'good' : 'bad'}`}>
          {fault === undefined ? words.staff.fine : words.staff.faulty}
        </span>
      </div>
      <p className="soft small">{facts.join(' · ')}</p>
      {fault !== undefined && (
        <p className="small bad-text">
          {words.staff.fault(refusalInWords(fault, '', language), faultsInRow)}
          {faultDetail !== undefined && <span lang="en"> ({faultDetail})</span>}
        </p>
      )}
      {content?.kind === 'grid' && content.slots.length === 0 && <p>{words.staff.nothingStated}</p>}
      {content !== undefined && <SignalChart series={series} currency={currency} />}
    </div>
  );
}

function SignalChart({ series, currency }: { readonly series: SignalSeries; readonly currency: string }) {
  const { words, language } = useWords();
  const now = useNow(30_000);
  const { kind, area, content } = series;
  if (content === undefined) return null;
  const slots = signalSlots(content);
  if (slots.length === 0) return null;
  const span = spanOfSignal(slots, now);
  const format = {
    price: (micro: number) => formatExactMoney(Math.round(micro / 100) * 100, currency, language),
    carbon: (grams: number) => formatGrams(grams, language),
    grid: (severity: number) => words.staff.states[stateOfSeverity(severity)],
  }[kind];
  const panel: ChartPanel = {
    label: words.staff.kindUnits[kind],
    slots,
    format,
    kind: kind === 'carbon' ? 'line' : 'columns',
    tone: kind === 'carbon' ? 'green' : 'quiet',
    heightPx: kind === 'grid' ? 60 : 104,
    ...(kind === 'grid' && {
      least: 3,
      lines: 3,
      toneOf: (severity: number): Tone => `grid-${stateOfSeverity(severity)}`,
    }),
  };
  const limits = content.kind === 'grid' ? limitSlots(content.slots) : [];
  const hasLimits = limits.some(({ value }) => value !== undefined);
  const limitPanel: ChartPanel = {
    label: words.staff.limit,
    slots: limits,
    format: (powerW) => formatPower(powerW, language),
    kind: 'line',
    tone: 'brand',
    heightPx: 60,
  };
  const present = slots.find(({ from, to }) => from <= now && now < to);
  return (
    <TimeChart
      testId={`chart-${kind}-${area}`}
      label={words.staff.chart(words.staff.kinds[kind], area)}
      span={span}
      panels={hasLimits ? [panel, limitPanel] : [panel]}
      chosen={present === undefined ? [] : [present]}
    />
  );
}

const localInput = (at: number): string => {
  const date = new Date(at * 1000);
  return new Date(at * 1000 - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const instantOf = (typed: string): number => Math.floor(new Date(typed).getTime() / 1000);

function GridForm({ list }: { readonly list: StaffList<readonly SignalSeries[]> }) {
  const { words } = useWords();
  const now = useNow(60_000);
  const stated = list.value?.find(({ kind, source }) => kind === 'grid' && source === 'staff');
  const [area, setArea] = useState<string>();
  const [state, setState] = useState<GridSlot['state']>('yellow');
  const [from, setFrom] = useState(() => localInput(now - (now % 900)));
  const [until, setUntil] = useState(() => localInput(now - (now % 900) + 7_200));
  const [limitW, setLimitW] = useState<number | null | undefined>();
  const [isSet, setIsSet] = useState(false);
  const chosen = area ?? stated?.area ?? '';
  const put = async (slots: readonly GridSlot[]) => {
    setIsSet(false);
    setIsSet(await list.act('PUT', `/admin/signals/grid/${encodeURIComponent(chosen)}`, { slots }));
  };
  const before = list.value?.find((series) => series.kind === 'grid' && series.area === chosen)?.content;
  const [fromAt, toAt] = [instantOf(from), instantOf(until)];
  const isTyped = chosen !== '' && fromAt < toAt && limitW !== null;
  return (
    <form
      className="card"
      aria-labelledby="set-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const slot = {
          from: fromAt,
          to: toAt,
          state,
          ...(typeof limitW === 'number' && { limitW }),
        };
        if (isTyped) void put(withSlot(before?.kind === 'grid' ? before.slots : [], slot, now));
      }}
    >
      <h2 id="set-grid">{words.staff.setGrid}</h2>
      <fieldset className="field">
        <legend>{words.staff.state}</legend>
        <div className="segmented">
          {(['green', 'yellow', 'red'] as const).map((option) => (
            <label key={option}>
              <input
                type="radio"
                name="grid-state"
                checked={state === option}
                onChange={() => setState(option)}
              />
              <span>
                <i className={`dot grid-${option}`} aria-hidden="true" />
                &nbsp;{words.staff.states[option]}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="fields">
        <label className="field">
          <span>{words.staff.area}</span>
          <input
            name="grid-area"
            maxLength={32}
            value={chosen}
            onChange={({ target }) => setArea(target.value)}
          />
        </label>
        <DecimalField
          name="grid-limit"
          label={words.staff.limit}
          places={3}
          value={limitW}
          onChange={setLimitW}
          unit="kW"
          hints={[words.staff.limitHint]}
          mayBeEmpty
        />
      </div>
      <div className="fields wide-inputs">
        <label className="field">
          <span>{words.staff.from}</span>
          <input
            type="datetime-local"
            name="grid-from"
            value={from}
            onChange={({ target }) => setFrom(target.value)}
          />
        </label>
        <label className="field">
          <span>{words.staff.until}</span>
          <input
            type="datetime-local"
            name="grid-until"
            value={until}
            aria-invalid={!(fromAt < toAt)}
            onChange={({ target }) => setUntil(target.value)}
          />
        </label>
      </div>
      <div aria-live="polite">
        {list.refusal !== undefined && <RefusalNotice refusal={list.refusal} withDetail />}
        {isSet && <Notice kind="good">{words.staff.gridSet}</Notice>}
      </div>
      <div className="buttons">
        <button type="submit" className="button primary" disabled={list.isBusy || !isTyped}>
          {words.staff.set}
        </button>
        {before?.kind === 'grid' && before.slots.length > 0 && (
          <button type="button" className="button" disabled={list.isBusy} onClick={() => void put([])}>
            <Icon name="close" size={18} />
            {words.staff.clear}
          </button>
        )}
      </div>
    </form>
  );
}
