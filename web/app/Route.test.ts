import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hrefOf, parseRoute, type Route } from './Route.ts';

const routes: readonly Route[] = [
  { page: 'map' },
  { page: 'point', evseId: 'DE*BBB*E1/2 ä' },
  { page: 'unlock' },
  { page: 'unlock', evseId: 'DEBBBE1' },
  { page: 'unlock', evseId: 'DEBBBE1', linkUrl: 'ws://10.0.0.7:81/link?a=b' },
  { page: 'charge' },
  { page: 'charge', authorizationId: '0xaa' },
  { page: 'receipt', authorizationId: '0xaa' },
  { page: 'charges' },
  { page: 'me' },
  { page: 'operator' },
  { page: 'prices', evseId: 'DE*BBB*E1/2 ä' },
  { page: 'provider' },
];

test.each(routes)('%o and back', (route) => {
  expect(parseRoute(hrefOf(route))).toEqual(route);
});

test('whatever stands in the address leads somewhere', () => {
  for (const hash of ['', '#', '#/nowhere', '#/points', '#/points/%E0%A4%A', '#/receipts/', '#/prices/'])
    expect(['map', 'charges', 'operator']).toContain(parseRoute(hash).page);
  fc.assert(
    fc.property(fc.string(), (hash) => {
      expect(parseRoute(`#/${hash}`).page).toBeTypeOf('string');
    }),
  );
});
