import { recoverTypedDataAddress } from 'viem';
import { expect, test } from 'vitest';
import { signRedemptionRequest } from './ChargeToken.ts';
import { encodeMemberId } from './MemberId.ts';
import {
  type PayoutDomain,
  payoutAccountData,
  printTypedData,
  redemptionRequestData,
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

test('what a wallet signs for a redemption is what the token checks, and survives JSON', async () => {
  const request = {
    provider: 'DEBBB',
    amountMicro: 2n ** 60n,
    reference: domainReference,
    deadline: 1_790_000_000,
  };
  const data = redemptionRequestData(domain, { ...request, holder: bert.address });
  const { signature } = await signRedemptionRequest(domain, bert, {
    ...request,
    provider: encodeMemberId('DEBBB'),
  });
  expect(await recoverTypedDataAddress({ ...data, signature })).toBe(bert.address);
  const printed = printTypedData(data);
  expect(printed).toMatchObject({
    primaryType: 'RedemptionRequest',
    types: {
      EIP712Domain: [
        { name: 'name' },
        { name: 'version' },
        { name: 'chainId' },
        { name: 'verifyingContract' },
      ],
    },
    message: { amountMicro: String(2n ** 60n), deadline: '1790000000' },
  });
  expect(await bert.signTypedData(printed as never)).toBe(signature);
  const payout = payoutAccountData(domain, { operatorId: 'bert', provider: 'DEBBB', account: bert.address });
  expect(await bert.signTypedData(printTypedData(payout) as never)).toBe(await bert.signTypedData(payout));
});

const domainReference = `0x${'1e'.repeat(32)}` as const;
