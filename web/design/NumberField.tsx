import { useState } from 'react';
import { readThousandths } from '../settings/Settings.ts';

/**
 * A number as people type it, comma or point, in thousandths: 20 kWh are 20,000 Wh. What cannot be read is
 * marked and told as 0.
 */
export function NumberField({
  name,
  label,
  hint,
  value,
  onChange,
}: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly onChange: (thousandths: number) => void;
}) {
  const [typed, setTyped] = useState(String(value / 1_000));
  const read = readThousandths(typed);
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        aria-invalid={read === undefined}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(readThousandths(target.value) ?? 0);
        }}
      />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}
