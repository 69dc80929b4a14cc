import { expect, test } from 'vitest';
import { type OverridableEntry, overrideFromEnvironment } from './overrideFromEnvironment.ts';

const entries: readonly OverridableEntry[] = [
  { name: 'PORT', path: ['listen', 'port'], kind: 'number' },
  { name: 'HOST', path: ['listen', 'host'], kind: 'text' },
  { name: 'ONLINE', path: ['online'], kind: 'flag' },
];

test('single entries are overridden, the rest and the original stay', () => {
  const config = { evseId: 'DEBBBE1', listen: { host: '127.0.0.1', port: 1 } };
  const environment = { PORT: '8130', ONLINE: 'false', OTHER: 'x' };
  expect(overrideFromEnvironment(config, entries, environment)).toEqual({
    evseId: 'DEBBBE1',
    listen: { host: '127.0.0.1', port: 8130 },
    online: false,
  });
  expect(config.listen.port).toBe(1);
});

test('missing objects are made, empty variables are none', () => {
  expect(overrideFromEnvironment({}, entries, { HOST: '::1', ONLINE: '' })).toEqual({
    listen: { host: '::1' },
  });
});

test('what is no number or flag is left for the parser to refuse', () => {
  expect(overrideFromEnvironment({}, entries, { PORT: 'high', ONLINE: 'maybe' })).toEqual({
    listen: { port: 'high' },
    online: 'maybe',
  });
});

test('what is no configuration is left as it is', () => {
  for (const odd of [null, [], 'text', 7])
    expect(overrideFromEnvironment(odd, entries, { PORT: '1' })).toBe(odd);
});
