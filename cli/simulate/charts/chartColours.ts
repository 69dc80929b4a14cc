const light = {
  ground: '#f6f8f6',
  surface: '#ffffff',
  ink: '#10201a',
  soft: '#4d5f57',
  line: '#dbe4dd',
  'at-once': '#7d8b84',
  evcc: '#c07a12',
  ours: '#0a7a57',
  grid: '#1f6fb2',
  fuse: '#0d8f9c',
  giving: '#7b4bb3',
  price: '#b5541c',
  red: '#c62f2f',
  yellow: '#d79a00',
};
const dark: Readonly<Record<keyof typeof light, string>> = {
  ground: '#0c1310',
  surface: '#161f1b',
  ink: '#e9f2ed',
  soft: '#a3b6ac',
  line: '#2a3731',
  'at-once': '#93a39a',
  evcc: '#f0b35a',
  ours: '#5ed7a6',
  grid: '#74b6f2',
  fuse: '#5fd3de',
  giving: '#bd95ef',
  price: '#f39a63',
  red: '#ff7a70',
  yellow: '#f2c14e',
};

const declare = (colours: Readonly<Record<string, string>>) =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** The colours of charts, by light and dark, and how their texts and lines look. */
export const chartStyle =
  `:root{color-scheme:light dark;${declare(light)}}` +
  `@media(prefers-color-scheme:dark){:root{${declare(dark)}}}` +
  'svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif}' +
  'svg text{fill:var(--ink);font-size:13.5px}svg text.soft{fill:var(--soft);font-size:12.5px}' +
  'svg text.small{fill:var(--soft);font-size:11.5px}svg text.strong{font-weight:650}' +
  'svg line.grid{stroke:var(--line)}svg line.axis{stroke:var(--soft)}' +
  'svg line.mark{stroke:var(--soft);stroke-dasharray:3 3}';

/** A chart as a file of its own: with its colours, a ground to stand on, and its title above. */
export function standAlone(svg: string): string {
  return `${svg
    .replace(
      /viewBox="0 0 ([\d.]+) ([\d.]+)"/,
      (_, width, height) => `viewBox="-12 -44 ${Number(width) + 24} ${Number(height) + 56}"`,
    )
    .replace(
      /<title>([^<]*)<\/title>/,
      (_, title) =>
        `<title>${title}</title><style>${chartStyle}</style>` +
        '<rect x="-12" y="-44" width="100%" height="100%" style="fill:var(--surface)"/>' +
        `<text class="strong" x="0" y="-18" style="font-size:17px">${title}</text>`,
    )}\n`;
}
