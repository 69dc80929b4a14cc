import { expect, test } from 'vitest';
import {
  type PayoutDomain,
  signPayoutAccount,
  signRedemptionAccount,
  verifyPayoutAccount,
  verifyRedemptionAccount,
} from './PayoutSigning.ts';
import { testAccount } from './testing/foundTestNetwork.ts';

const domain: PayoutDomain = { chainId: 20_160, chargeToken: `0x${'c0'.repeat(20)}` };
const bert = testAccount('Bert');
const other = testAccount('other');

test('where money shall go is said by the holder of the tokens, for one redemption and provider', async () => {
  const account = {
    redemptionId: `0x${'1d'.repeat(32)}` as const,
    provider: 'DEBBB',
    name: 'Bert',
    iban: 'AT611904300234573201',
  };
  const signature = await signRedemptionAccount(domain, account, bert);
  const verify = (change: Partial<typeof account> = {}, holder = bert.address, at = domain) =>
    verifyRedemptionAccount(at, { ...account, ...change }, signature, holder);
  expect(await verify()).toBe(true);
  expect(await verify({ iban: 'DE87123456781234567890' })).toBe(false);
  expect(await verify({ provider: 'DECCC' })).toBe(false);
  expect(await verify({ redemptionId: `0x${'2d'.repeat(32)}` as never })).toBe(false);
  expect(await verify({}, other.address)).toBe(false);
  expect(await verify({}, bert.address, { ...domain, chainId: 1 })).toBe(false);
  expect(await verifyRedemptionAccount(domain, account, '0x', bert.address)).toBe(false);
});

test('an account becomes an operator’s by its own key', async () => {
  const payout = { operatorId: 'bert', provider: 'DEBBB', account: bert.address };
  expect(await verifyPayoutAccount(domain, payout, await signPayoutAccount(domain, payout, bert))).toBe(true);
  expect(await verifyPayoutAccount(domain, payout, await signPayoutAccount(domain, payout, other))).toBe(
    false,
  );
  const signature = await signPayoutAccount(domain, payout, bert);
  expect(await verifyPayoutAccount(domain, { ...payout, operatorId: 'dora' }, signature)).toBe(false);
});
