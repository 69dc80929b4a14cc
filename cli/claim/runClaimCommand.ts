import type { ChainClient, ChainSigner } from '@p2p-power/chain/ChainClient';
import {
  type ClaimDirection,
  claimIdOf,
  findForcedClaim,
  payForcedClaim,
  raiseForcedClaim,
  showMeterRecord,
} from '@p2p-power/chain/ForcedClaims';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import { type ChainOptions, openAuditChain } from '../audit/openAuditChain.ts';
import { Complaint } from '../Complaint.ts';
import { onChain, openAccountSigner } from '../onChain.ts';
import { openPage } from '../Page.ts';
import { printAmount, printTime } from '../printUnits.ts';
import { type ClaimedCharge, readClaimFile } from './readClaimFile.ts';

export interface ClaimOptions extends ChainOptions {
  readonly step: 'raise' | 'show' | 'record' | 'pay';
  readonly evidence: string;
  readonly direction: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** What came of a step: where the claim stands now, and what the contract said no with. */
interface Outcome {
  readonly claimId: string;
  readonly cdrId: string;
  readonly status: 'none' | 'raised' | 'paid' | 'void';
  readonly refusal?: string;
  readonly detail?: string;
  readonly debtor?: string;
  readonly creditor?: string;
  readonly amountMicro?: number;
  readonly payee?: string;
  readonly bondMicro?: number;
  /** Epoch seconds; null while the debtor waits for the meter's record. */
  readonly payableFrom?: number | null;
}

/** Runs one step of a claim and says where it stands; answers the exit code. */
export async function runClaimCommand(options: ClaimOptions): Promise<number> {
  const { direction } = options;
  if (direction !== 'charge' && direction !== 'credit')
    throw new Complaint(`There is no direction ${direction}.`, 'It is charge or credit: --direction charge');
  const charge = readClaimFile(options.evidence);
  const client = openAuditChain(options);
  return onChain(async () => {
    const signer = () => openAccountSigner(options.key, 'Name one that holds 32 bytes of hex: --key FILE');
    const refused =
      options.step === 'show' ? null : await act(client, signer(), charge, direction, options.step);
    const outcome = await readOutcome(client, charge, direction, refused);
    if (options.json) console.log(JSON.stringify(outcome, null, 2));
    else printOutcome(outcome, charge);
    return refused === null ? 0 : 1;
  });
}

type Refused = { readonly refusal: string; readonly detail: string } | null;

async function act(
  client: ChainClient,
  signer: ChainSigner,
  charge: ClaimedCharge,
  direction: ClaimDirection,
  step: 'raise' | 'record' | 'pay',
): Promise<Refused> {
  if (step === 'raise') {
    // Within the deadline none is needed, and the newest list of keys decides; after it the contract wants the proof.
    const raised = await raiseForcedClaim(client, signer, { ...charge, direction });
    return raised.ok ? null : raised;
  }
  const found = await findForcedClaim(client, claimIdOf(charge.authorizationId, direction));
  if (found === null) return { refusal: 'claim-unknown', detail: 'it was never raised' };
  if (found.status === 'paid') return null;
  const sent =
    step === 'pay'
      ? await payForcedClaim(client, signer, found.claim)
      : await showMeterRecord(client, signer, found.claim, charge.evidence.meterRecord);
  return sent.ok ? null : sent;
}

async function readOutcome(
  client: ChainClient,
  charge: ClaimedCharge,
  direction: ClaimDirection,
  refused: Refused,
): Promise<Outcome> {
  const claimId = claimIdOf(charge.authorizationId, direction);
  const found = await findForcedClaim(client, claimId);
  const said = refused === null ? {} : { refusal: refused.refusal, detail: refused.detail };
  if (found === null) return { claimId, cdrId: charge.cdrId, status: 'none', ...said };
  const { claim, status } = found;
  return {
    claimId,
    cdrId: charge.cdrId,
    status,
    ...said,
    debtor: decodeMemberId(claim.debtor),
    creditor: decodeMemberId(claim.creditor),
    amountMicro: Number(claim.amountMicro),
    payee: claim.payee,
    bondMicro: Number(claim.bondMicro),
    payableFrom: claim.payableFrom > 2n ** 53n ? null : Number(claim.payableFrom),
  };
}

const words = {
  none: 'it was not claimed',
  raised: 'claimed',
  paid: 'paid',
  void: 'void: an objection held against it',
} as const;

function printOutcome(outcome: Outcome, { evidence }: ClaimedCharge): void {
  const page = openPage(process.stdout);
  const { currency } = evidence.tariff;
  page.section(`Claim ${outcome.claimId}`);
  page.fact('charge', outcome.cdrId);
  page.fact('stands', words[outcome.status]);
  if (outcome.amountMicro !== undefined) {
    page.fact('amount', printAmount(outcome.amountMicro, currency));
    page.fact('owed by', `${outcome.debtor} to ${outcome.creditor}`);
    page.fact('paid to', outcome.payee ?? '');
    if (outcome.bondMicro) page.fact('bond', printAmount(outcome.bondMicro, currency));
  }
  if (outcome.status === 'raised')
    page.fact(
      'payable',
      outcome.payableFrom == null
        ? 'once the meter’s record is shown: p2p-power claim record'
        : `from ${printTime(outcome.payableFrom)}, unless the debtor objects`,
    );
  if (outcome.refusal !== undefined) page.check(false, `${outcome.refusal}: ${outcome.detail ?? ''}`);
}
