import { existsSync, readFileSync } from 'node:fs';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import { type ChainClient, connectChain, probeChain } from '@p2p-power/chain/ChainClient';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import { type Deployment, deployContracts, parseDeployment } from '@p2p-power/chain/Deployment';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import {
  acceptAgreement,
  proposeAgreement,
  readCurrentAgreement,
  type Terms,
} from '@p2p-power/chain/Peering';
import { pointOf } from '@p2p-power/chain/PublicKeyPoint';
import type { Hex } from '@p2p-power/protocol/Hex';
import { openSecretFile, openSignerFile } from '@p2p-power/provider/keys/openKeyFiles';
import { unusable, writeFileWhole } from './DataFolder.ts';
import { keyFilesOf } from './keyFiles.ts';
import type { NetworkPlan, PlannedProvider } from './NetworkPlan.ts';

/** What each founding member may issue: 5 million euros. */
const issuanceLimitMicro = 5_000_000_000_000n;

/** The agreement between the two: fees, period, what offline charges may cost, and a week to object to a forced claim. */
const terms: Omit<Terms, 'validFrom'> = {
  feeShareBp: 200,
  feeMicroPerKwh: 2_500n,
  feeTo: 'creditor',
  currency: 'EUR',
  periodS: 86_400,
  handInDeadlineS: 60 * 86_400,
  graceS: 72 * 3_600,
  objectionWindowS: 3 * 86_400,
  creditLimitMicro: 1_000_000_000_000n,
  disputeFeeMicro: 5_000_000n,
  termsContract: null,
  noticeS: 30 * 86_400,
};

/**
 * Founds the consortium once: deploys its contracts, with the providers as founding members, and writes
 * the deployment file. Later runs find the contracts where the file says they are.
 */
export async function foundConsortium(plan: NetworkPlan, networkId: Hex): Promise<ChainClient> {
  const { rpcUrl, deploymentFile } = plan.chain;
  const deployment = existsSync(deploymentFile)
    ? readDeployment(deploymentFile)
    : await deployContracts({
        rpcUrl,
        signer: accountOf(plan.providers[0] as PlannedProvider),
        networkId,
        members: plan.providers.map((provider) => ({
          memberId: encodeMemberId(provider.providerId),
          account: accountOf(provider).address,
          url: provider.url,
          keys: [pointOf(openSignerFile(keyFilesOf(provider.folder).certificateKeyFile).publicKey)],
          issuanceLimitMicro,
        })),
      });
  writeFileWhole(deploymentFile, `${JSON.stringify(deployment, null, 2)}\n`);
  const client = connectChain({ rpcUrl, deployment });
  try {
    await probeChain(client);
  } catch (error) {
    if (!(error instanceof ChainFault) || error.reason !== 'wrong-chain') throw error;
    throw unusable(deploymentFile, 'the chain beside it does not hold the contracts that it names', {
      cause: error,
    });
  }
  return client;
}

/** Makes the two providers' agreement where none is in force. Safe to repeat. */
export async function agreeOnPeering(
  client: ChainClient,
  one: PlannedProvider,
  other: PlannedProvider,
  nowS: number,
): Promise<void> {
  const [me, them] = [encodeMemberId(one.providerId), encodeMemberId(other.providerId)];
  if ((await readCurrentAgreement(client, me, them, nowS)) !== null) return;
  const proposed = await proposeAgreement(client, accountOf(one), {
    me,
    other: them,
    version: 1,
    terms: { ...terms, validFrom: nowS - 86_400 },
  });
  if (!proposed.ok) throw new Error(`the agreement was refused: ${proposed.refusal}: ${proposed.detail}`);
  const accepted = await acceptAgreement(client, accountOf(other), proposed.value.agreementId);
  if (!accepted.ok) throw new Error(`the agreement was refused: ${accepted.refusal}: ${accepted.detail}`);
}

function accountOf(provider: PlannedProvider) {
  return accountSigner(openSecretFile(keyFilesOf(provider.folder).accountKeyFile));
}

function readDeployment(file: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unusable(file, 'it is not JSON', { cause: error });
  }
  const deployment = parseDeployment(json);
  if (!deployment.ok) throw unusable(file, deployment.detail);
  return deployment.value;
}
