import type { ReactNode } from 'react';

/** A ring filled by `part` of 1, with what stands inside it. */
export function ProgressRing({ part, children }: { readonly part: number; readonly children: ReactNode }) {
  const radius = 46;
  const round = 2 * Math.PI * radius;
  const filled = Math.min(1, Math.max(0, part));
  return (
    <div className="ring">
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle className="track" cx="50" cy="50" r={radius} fill="none" strokeWidth="6" />
        <circle
          className="part"
          cx="50"
          cy="50"
          r={radius}
          fill="none"
          strokeWidth="6"
          strokeLinecap="round"
          strokeDasharray={round}
          strokeDashoffset={round * (1 - filled)}
          visibility={filled === 0 ? 'hidden' : 'visible'}
        />
      </svg>
      <div className="inside">{children}</div>
    </div>
  );
}
