import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { printDecimal, readDecimal } from '../words/readDecimal.ts';

/**
 * A number as people type it, comma or point, as a whole number of its smallest unit (0,39 with six places is 390000).
 * What cannot be read is told as null and marked, as is whatever has a `fault`; an empty field that may be is undefined.
 */
export function DecimalField({
  name,
  label,
  places,
  leastPlaces = 0,
  value,
  onChange,
  unit,
  hints = [],
  fault,
  mayBeEmpty = false,
  isSigned = false,
  isDisabled = false,
}: {
  readonly name: string;
  readonly label: ReactNode;
  /** Decimals that are read, and those that are written at least. */
  readonly places: number;
  readonly leastPlaces?: number;
  readonly value: number | null | undefined;
  readonly onChange: (value: number | null | undefined) => void;
  readonly unit: string;
  readonly hints?: readonly string[];
  readonly fault?: string | undefined;
  readonly mayBeEmpty?: boolean;
  readonly isSigned?: boolean;
  readonly isDisabled?: boolean;
}) {
  const { language } = useWords();
  const id = useId();
  const [typed, setTyped] = useState(
    typeof value === 'number' ? printDecimal(value, places, language, leastPlaces) : '',
  );
  const isEmpty = typed.trim() === '';
  const isWrong = fault !== undefined || (isEmpty ? !mayBeEmpty && value === null : value === null);
  return (
    <label className="field">
      <span>{label}</span>
      <span className="with-unit">
        <input
          name={name}
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          disabled={isDisabled}
          aria-invalid={isWrong}
          aria-describedby={`${id}-said`}
          onChange={({ target }) => {
            setTyped(target.value);
            const isNone = target.value.trim() === '' && mayBeEmpty;
            onChange(isNone ? undefined : (readDecimal(target.value, places, isSigned) ?? null));
          }}
        />
        <span className="unit" aria-hidden="true">
          {unit}
        </span>
      </span>
      <span id={`${id}-said`} className="said">
        {fault !== undefined && (
          <small className="bad-text" data-testid={`fault-${name}`}>
            {fault}
          </small>
        )}
        {hints.map((hint) => (
          <small key={hint}>{hint}</small>
        ))}
      </span>
    </label>
  );
}
