import type { Sample } from '../charge/ChargeRecord.ts';
import { curvePath } from './curvePath.ts';

/** Power over time as a small curve; `label` says for readers what it shows. */
export function Sparkline({
  samples,
  label,
}: {
  readonly samples: readonly Sample[];
  readonly label: string;
}) {
  if (samples.length < 2) return null;
  const { line, area } = curvePath(samples, 300, 84);
  return (
    <svg className="curve" viewBox="0 0 300 84" preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="area" d={area} />
      <path className="line" d={line} />
    </svg>
  );
}
