import * as crypto from 'node:crypto';
import { signMeterRecord } from '@p2p-power/protocol/MeterRecord';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { testKey } from '@p2p-power/protocol/testing/world';
import { verifyMeterRecord } from '@p2p-power/protocol/verifyMeterRecord';
import fc from 'fast-check';
import { type Address, type BaseError, ContractFunctionRevertedError, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forcedClaimsAbi } from './generated/ForcedClaims.ts';
import { meterReaderAbi } from './generated/MeterReader.ts';
import { type ClaimWorld, makeCharge, openClaimWorld } from './testing/openClaimWorld.ts';

const verifier = nodeCryptoVerifier(crypto);
const meter = testKey('meter of Garage');
const abi = [...meterReaderAbi, ...forcedClaimsAbi.filter((entry) => entry.type === 'error')] as const;

let world: ClaimWorld;
let charge: Awaited<ReturnType<typeof makeCharge>>;
let address: Address;
beforeAll(async () => {
  world = await openClaimWorld();
  charge = await makeCharge('measured');
  const contract = { address: world.deployment.forcedClaims, abi: forcedClaimsAbi };
  address = await world.client.rpc.readContract({ ...contract, functionName: 'meterReader' });
});
afterAll(() => world?.anvil.stop());

/** What the contract says of a record of the charge: confirmed, not confirmed, or the error's name. */
async function judge(record: string): Promise<boolean | string | undefined> {
  const { readings, meterPublicKey } = charge.evidence;
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no readings');
  const session = {
    authorizationId: charge.authorizationId,
    startedAt: BigInt(first.at),
    endedAt: BigInt(last.at),
    importBeginWh: BigInt(first.importWh),
    importEndWh: BigInt(last.importWh),
    exportBeginWh: BigInt(first.exportWh),
    exportEndWh: BigInt(last.exportWh),
    billedByTime: false,
  };
  try {
    const args = [toHex(record), meterPublicKey, session] as const;
    return await world.client.rpc.readContract({ address, abi, functionName: 'confirms', args });
  } catch (error) {
    const reverted = (error as BaseError).walk((inner) => inner instanceof ContractFunctionRevertedError);
    if (reverted instanceof ContractFunctionRevertedError) return reverted.data?.errorName;
    throw error;
  }
}

/** A text with up to three places cut out, overwritten or filled in. */
const spoilt = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(3), fc.stringMatching(/^["{}[\],:.0-9a-fGSTE\\= -]{0,2}$/)), {
      maxLength: 3,
    })
    .map((changes) =>
      changes.reduce(
        (left, [from, count, put]) => left.slice(0, from) + put + left.slice(from + count),
        text,
      ),
    );

test('however a signature section is spoilt, the contract decides, and as verifyMeterRecord does', async () => {
  const [, payload = '', section = ''] = charge.evidence.meterRecord.split('|');
  const raw = Buffer.from(meter.sign(Buffer.from(payload)));
  const spellings = [
    section,
    `{"SE":"base64","SD":"${raw.toString('base64')}"}`,
    `{"SD":"${raw.toString('hex')}"}`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.oneof(...spellings.map(spoilt)), async (other) => {
      const record = `OCMF|${payload}|${other}`;
      const judged = await verifyMeterRecord(record, charge.evidence.meterPublicKey, verifier);
      // Texts with escapes are no signature to the contract: no meter writes them there.
      if (!other.includes('\\')) expect(await judge(record), other).toBe(judged.ok);
      else expect(await judge(record), other).toBe(false);
    }),
    { seed: 7, numRuns: 150 },
  );
});

test('however a signed payload is spoilt, the contract confirms or refuses it, or says that it cannot read it', async () => {
  const [, payload = ''] = charge.evidence.meterRecord.split('|');
  await fc.assert(
    fc.asyncProperty(spoilt(payload), async (other) => {
      const record = await signMeterRecord(other, (bytes) => meter.sign(bytes));
      const said = await judge(record);
      expect([true, false, 'MeterRecordUnreadable']).toContain(said);
      const judged = await verifyMeterRecord(record, charge.evidence.meterPublicKey, verifier);
      if (other === payload) expect(said).toBe(true);
      // Whoever could not be read by anybody may be confirmed only for what has no bearing on the session.
      if (said === true && !judged.ok) expect(judged.refusal).toBe('malformed-meter-record');
    }),
    { seed: 7, numRuns: 150 },
  );
});
