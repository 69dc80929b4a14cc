/** A colour by the name of its CSS variable (`chartColours.ts`). */
export type Colour = string;

/** Text that is safe between and within tags. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A coordinate with a tenth of a pixel. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A text; `kind` is its class: `label`, `soft` or `strong`. */
export function text(
  x: number,
  y: number,
  content: string,
  {
    anchor = 'start',
    kind = 'label',
  }: { readonly anchor?: 'start' | 'middle' | 'end'; readonly kind?: string } = {},
): string {
  return `<text class="${kind}" x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${escapeText(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind = 'grid'): string {
  return `<line class="${kind}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}

/** A rectangle filled with a colour; never of negative size. */
export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  colour: Colour,
  { opacity = 1, radius = 0, title = '' } = {},
): string {
  const size = `width="${px(Math.max(0, width))}" height="${px(Math.max(0, height))}"`;
  const round = radius > 0 ? ` rx="${radius}"` : '';
  const faint = opacity < 1 ? ` fill-opacity="${opacity}"` : '';
  const tip = title === '' ? '/>' : `><title>${escapeText(title)}</title></rect>`;
  return `<rect x="${px(x)}" y="${px(y)}" ${size}${round} style="fill:var(--${colour})"${faint}${tip}`;
}

/** A line through points. */
export function path(
  points: readonly (readonly [number, number])[],
  colour: Colour,
  { isDashed = false, width = 2.25 } = {},
): string {
  const d = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('');
  const dash = isDashed ? ' stroke-dasharray="5 4"' : '';
  return `<path d="${d}" fill="none" stroke-width="${width}" stroke-linejoin="round"${dash} style="stroke:var(--${colour})"/>`;
}

/** The area between a line and another. */
export function area(
  upper: readonly (readonly [number, number])[],
  lower: readonly (readonly [number, number])[],
  colour: Colour,
  opacity: number,
): string {
  const all = [...upper, ...lower.toReversed()];
  const d = all.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('');
  return `<path d="${d}Z" fill-opacity="${opacity}" style="fill:var(--${colour})"/>`;
}

/** A whole picture, with what a screen reader says of it. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${px(height)}" role="img" aria-label="${escapeText(title)}">` +
    `<title>${escapeText(title)}</title>${parts.join('')}</svg>`
  );
}

/** One entry of a legend. */
export interface LegendEntry {
  readonly label: string;
  readonly colour: Colour;
  readonly mark: 'line' | 'dashed' | 'area';
}

const LETTER_PX = 6.6;
const ENTRY_GAP_PX = 22;
const LEGEND_LINE_PX = 20;

/** A legend within a width, from a height on, and how high it is. */
export function legend(
  entries: readonly LegendEntry[],
  left: number,
  top: number,
  width: number,
): { readonly parts: readonly string[]; readonly height: number } {
  const parts: string[] = [];
  let [x, y] = [left, top + 12];
  for (const { label, colour, mark } of entries) {
    const size = 24 + label.length * LETTER_PX;
    if (x > left && x + size > left + width) [x, y] = [left, y + LEGEND_LINE_PX];
    parts.push(
      mark === 'area'
        ? rect(x, y - 10, 16, 12, colour, { opacity: 0.35, radius: 2 })
        : path(
            [
              [x, y - 4],
              [x + 18, y - 4],
            ],
            colour,
            { isDashed: mark === 'dashed', width: 3 },
          ),
      text(x + 24, y, label, { kind: 'soft' }),
    );
    x += size + ENTRY_GAP_PX;
  }
  return { parts, height: y - top + 8 };
}
