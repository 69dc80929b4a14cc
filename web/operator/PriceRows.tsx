import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import type { PriceComponentType } from '@p2p-power/tariff/Tariff';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import { useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { currencySign, formatExactMoney } from '../words/format.ts';
import { boundsInWords } from './boundsInWords.ts';
import { boundsOf } from './frameBounds.ts';
import { newRow, type PriceRow, type Typed } from './TariffForm.ts';
import { endMinuteOf, startMinuteOf, timeInput } from './timeInputs.ts';

const perUnit = { ENERGY: '/kWh', TIME: '/h', PARKING_TIME: '/h', FLAT: '' } as const;

/** All prices of one dimension, the first that fits holds; each with its times and what the frame says of it. */
export function PriceRows({
  type,
  rows,
  onRows,
  vatBp,
  currency,
  frame,
}: {
  readonly type: PriceComponentType;
  readonly rows: readonly PriceRow[];
  readonly onRows: (rows: readonly PriceRow[]) => void;
  readonly vatBp: Typed | undefined;
  readonly currency: string;
  readonly frame: PriceFrame | undefined;
}) {
  const { words } = useWords();
  // Rows are told apart by their place; once one comes or goes they are other fields.
  const [arrangement, setArrangement] = useState(0);
  const arrange = (arranged: readonly PriceRow[]) => {
    setArrangement(arrangement + 1);
    onRows(arranged);
  };
  const add = () => {
    const last = rows.at(-1);
    const isAlways = last !== undefined && !hasTimes(last);
    const added = rows.length === 0 ? newRow(type) : { ...newRow(type), startMinute: 1_320, endMinute: 360 };
    arrange(isAlways ? [...rows.slice(0, -1), added, last] : [...rows, added]);
  };
  const isSometimesFree = type === 'ENERGY' && rows.length > 0 && rows.every(hasTimes);
  return (
    <section className="card" aria-labelledby={`prices-${type}`} data-testid={`prices-${type}`}>
      <div className="card-head">
        <h2 id={`prices-${type}`}>{words.prices.types[type]}</h2>
        <button type="button" className="button small" onClick={add}>
          {rows.length === 0 ? words.prices.add : words.prices.addTimes}
        </button>
      </div>
      <p className="soft small">{words.prices.hints[type]}</p>
      {rows.map((row, index) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the order of precedence
          key={`${arrangement}-${index}`}
          {...{ type, row, vatBp, currency, frame, index }}
          onRow={(changed) => onRows(rows.with(index, changed))}
          onRemove={() => arrange(rows.toSpliced(index, 1))}
        />
      ))}
      {rows.length > 1 && <p className="soft small">{words.prices.precedence}</p>}
      {isSometimesFree && <p className="small warn-text">{words.prices.freeOtherwise}</p>}
    </section>
  );
}

const hasTimes = ({ days, startMinute, endMinute, afterS }: PriceRow) =>
  days.length > 0 || startMinute !== undefined || endMinute !== undefined || afterS !== undefined;

function Row({
  type,
  row,
  index,
  vatBp,
  currency,
  frame,
  onRow,
  onRemove,
}: {
  readonly type: PriceComponentType;
  readonly row: PriceRow;
  readonly index: number;
  readonly vatBp: Typed | undefined;
  readonly currency: string;
  readonly frame: PriceFrame | undefined;
  readonly onRow: (row: PriceRow) => void;
  readonly onRemove: () => void;
}) {
  const { words, language } = useWords();
  const [isTimed, setIsTimed] = useState(hasTimes(row));
  const steps = type === 'ENERGY' ? words.prices.steps : words.prices.stepsOfTime;
  const said = boundsInWords(boundsOf(frame, type), row.priceMicro, currency, words, language);
  const grossHint =
    typeof vatBp === 'number' && row.priceMicro !== null
      ? [words.prices.inclTax(formatExactMoney(withVatMicro(row.priceMicro, vatBp), currency, language))]
      : [];
  return (
    <div className="price-row">
      <div className="fields">
        <DecimalField
          name={`${type}-${index}`}
          label={words.prices.price}
          places={6}
          leastPlaces={2}
          value={row.priceMicro}
          onChange={(typed) => onRow({ ...row, priceMicro: typed ?? null })}
          unit={currencySign(currency) + perUnit[type]}
          fault={said.fault}
          hints={[...grossHint, ...said.hints]}
        />
        {type !== 'FLAT' && (
          <label className="field">
            <span>{words.prices.countedIn}</span>
            <select
              name={`${type}-${index}-step`}
              value={row.stepSize}
              onChange={({ target }) => onRow({ ...row, stepSize: Number(target.value) })}
            >
              {!(row.stepSize in steps) && (
                <option value={row.stepSize}>{`${row.stepSize} ${type === 'ENERGY' ? 'Wh' : 's'}`}</option>
              )}
              {Object.entries(steps).map(([step, name]) => (
                <option key={step} value={step}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {isTimed && <Times {...{ type, row, index, onRow }} />}
      <div className="foot">
        <label className="tick">
          <input
            type="checkbox"
            checked={isTimed}
            onChange={({ target }) => {
              setIsTimed(target.checked);
              if (!target.checked) onRow({ priceMicro: row.priceMicro, stepSize: row.stepSize, days: [] });
            }}
          />
          {words.prices.onlyAtTimes}
        </label>
        <button type="button" className="button plain small" onClick={onRemove}>
          {words.prices.remove}
        </button>
      </div>
    </div>
  );
}

function Times({
  type,
  row,
  index,
  onRow,
}: {
  readonly type: PriceComponentType;
  readonly row: PriceRow;
  readonly index: number;
  readonly onRow: (row: PriceRow) => void;
}) {
  const { words } = useWords();
  const { startMinute, endMinute, afterS, ...others } = row;
  const times = {
    ...(startMinute !== undefined && { startMinute }),
    ...(endMinute !== undefined && { endMinute }),
    ...(afterS !== undefined && { afterS }),
  };
  const withTime = (name: 'startMinute' | 'endMinute', minute: number | undefined) => {
    const { [name]: _, ...kept } = times;
    onRow({ ...others, ...kept, ...(minute !== undefined && { [name]: minute }) });
  };
  return (
    <>
      <fieldset className="days">
        <legend className="unseen">{words.prices.onlyAtTimes}</legend>
        {words.prices.days.map((name, at) => (
          <button
            key={name}
            type="button"
            className="chip"
            aria-label={words.prices.dayNames[at]}
            aria-pressed={row.days.includes(at + 1)}
            onClick={() => {
              const days = row.days.includes(at + 1)
                ? row.days.filter((day) => day !== at + 1)
                : [...row.days, at + 1].toSorted();
              onRow({ ...row, days });
            }}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <div className="fields">
        <label className="field">
          <span>{words.prices.from}</span>
          <input
            type="time"
            name={`${type}-${index}-from`}
            defaultValue={timeInput(startMinute)}
            onChange={({ target }) => withTime('startMinute', startMinuteOf(target.value))}
          />
        </label>
        <label className="field">
          <span>{words.prices.to}</span>
          <input
            type="time"
            name={`${type}-${index}-to`}
            defaultValue={timeInput(endMinute)}
            onChange={({ target }) => withTime('endMinute', endMinuteOf(target.value))}
          />
        </label>
        <DecimalField
          name={`${type}-${index}-after`}
          label={words.prices.after}
          places={2}
          value={typeof afterS === 'number' ? Math.round(afterS / 36) : afterS}
          onChange={(hundredths) => {
            const { afterS: _, ...kept } = row;
            const seconds = typeof hundredths === 'number' ? hundredths * 36 : hundredths;
            onRow({ ...kept, ...(seconds !== undefined && { afterS: seconds }) });
          }}
          unit={words.prices.hours}
          mayBeEmpty
        />
      </div>
    </>
  );
}
