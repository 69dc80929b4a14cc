import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');
const tokensOf = (part: string) =>
  new Map(
    [...part.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value as string]),
  );

/** Relative luminance and contrast ratio (WCAG 2.2 §1.4.3). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const texts: readonly (readonly [text: string, ground: string])[] = [
  ['ink', 'ground'],
  ['ink', 'surface'],
  ['ink', 'sunken'],
  ['ink-soft', 'ground'],
  ['ink-soft', 'surface'],
  ['ink-soft', 'sunken'],
  ['brand', 'surface'],
  ['brand', 'ground'],
  ['on-brand', 'brand'],
  ['on-brand-soft', 'brand-soft'],
  ['warn', 'warn-soft'],
  ['bad', 'bad-soft'],
];

/** Parts of a picture, and borders of fields, that must be told apart (WCAG 2.2 §1.4.11). */
const shapes: readonly (readonly [shape: string, ground: string])[] = [
  ['brand', 'surface'],
  ['brand', 'chart-quiet'],
  ['chart-green', 'surface'],
  ['split-infrastructure', 'surface'],
  ['split-grid', 'surface'],
  ['split-levies', 'surface'],
  ['field-line', 'surface'],
  ['field-line', 'ground'],
  ['grid-green', 'surface'],
  ['grid-yellow', 'surface'],
  ['grid-red', 'surface'],
];

describe.each([
  ['light', tokensOf(light)],
  ['dark', new Map([...tokensOf(light), ...tokensOf(dark)])],
])('%s colours', (_name, tokens) => {
  test.each(texts)('%s on %s can be read (AA, 4.5 to 1)', (text, ground) => {
    expect(contrast(tokens.get(text) ?? '', tokens.get(ground) ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  test.each(shapes)('%s is told apart from %s (3 to 1)', (shape, ground) => {
    expect(contrast(tokens.get(shape) ?? '', tokens.get(ground) ?? '')).toBeGreaterThanOrEqual(3);
  });
});

test('the measure is the standard’s', () => {
  expect(contrast('#ffffff', '#000000')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
