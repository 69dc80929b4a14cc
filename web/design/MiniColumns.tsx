import { columnsOf, valueScale } from './chartScale.ts';

/** Some values as tiny columns, the first one marked; a sketch beside text that readers skip. */
export function MiniColumns({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return null;
  const slots = values.map((value, index) => ({ from: index, to: index + 1, value }));
  const columns = columnsOf(slots, { from: 0, to: values.length }, valueScale(values, 1));
  return (
    <svg className="mini-columns" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {columns.map(({ x, y, width, height }, index) => (
        <rect key={x} className={index === 0 ? 'first' : ''} x={x} y={y} width={width} height={height} />
      ))}
    </svg>
  );
}
