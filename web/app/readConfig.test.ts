import { describe, expect, test } from 'vitest';
import { parseConfig } from './readConfig.ts';

describe('the configuration beside the app', () => {
  test('names a provider, without the slash at its end, and tiles with whom they are of', () => {
    const tiles = 'https://tiles.example/{z}/{x}/{y}.png';
    expect(parseConfig({ provider: 'https://provider.example//', tiles, tilesAttribution: '© Map' })).toEqual(
      {
        provider: 'https://provider.example',
        tiles,
        tilesAttribution: '© Map',
      },
    );
  });

  test.each([
    [null],
    [7],
    ['https://provider.example'],
    [[]],
    [{ provider: 'provider.example' }],
    [{ provider: 'javascript:alert(1)' }],
    [{ provider: 'https://provider example' }],
    [{ provider: 7, tiles: ['https://tiles.example'], tilesAttribution: {} }],
  ])('%j is as if it were not there', (json) => {
    expect(parseConfig(json)).toEqual({});
  });
});
