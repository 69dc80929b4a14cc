import { useState } from 'react';
import { readThousandths } from '../settings/Settings.ts';

/**
 * A number as people type it, comma or point, in thousandths: 20 kWh are 20,000 Wh. What cannot be read is
 * marked and told as 0. What may be left out begins empty where it is 0, and empty it is not wrong.
 */
export function NumberField({
  name,
  label,
  hint,
  value,
  onChange,
  isOptional = false,
}: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly onChange: (thousandths: number, typed: string) => void;
  readonly isOptional?: boolean;
}) {
  const [typed, setTyped] = useState(isOptional && value === 0 ? '' : String(value / 1_000));
  const isWrong = readThousandths(typed) === undefined && !(isOptional && typed.trim() === '');
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        aria-invalid={isWrong}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(readThousandths(target.value) ?? 0, target.value);
        }}
      />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}
