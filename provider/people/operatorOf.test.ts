import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(async () => {
  await provider.close();
  await provider.database.close();
});

test('all requests of an operator’s first page are let in, though only one of them is the first', async () => {
  for (const name of ['bert', 'dana', 'emil', 'fine']) {
    const body = { name, email: `${name}@example.org` };
    expect(await provider.call('POST', '/admin/operators', { as: 'staff', body })).toMatchObject({
      status: 200,
    });
    const asked = ['points', 'charges', 'redemptions', 'points', 'charges', 'redemptions'];
    const answers = await Promise.all(
      asked.map((page) => provider.call('GET', `/operator/${page}`, { as: name })),
    );
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 200));
  }
});
