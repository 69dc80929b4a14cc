interface At {
  readonly at: number;
  readonly powerW: number;
}

/**
 * The SVG paths of power over time in a box: a line and the area below it. Time runs from the first
 * to the last sample, the highest power touches the top with a little air.
 */
export function curvePath(
  samples: readonly At[],
  width: number,
  height: number,
): { readonly line: string; readonly area: string } {
  const first = samples[0]?.at ?? 0;
  const span = Math.max(1, (samples.at(-1)?.at ?? 0) - first);
  const most = Math.max(1, ...samples.map(({ powerW }) => powerW)) * 1.08;
  const points = samples.map(({ at, powerW }) => {
    const x = ((at - first) / span) * width;
    const y = height - (Math.max(0, powerW) / most) * height;
    return `${round(x)} ${round(y)}`;
  });
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` };
}

const round = (value: number) => Math.round(value * 10) / 10;
