/**
 * What an audit may find that does not add up, in order of precedence: first what makes all the rest
 * meaningless, then the chain by itself, then the provider's books beside it. docs/audit.md explains each.
 */
export const findingNames = [
  /** The chain's past is not what an earlier run of this audit saw. */
  'chain-reorganised',
  /** The contracts do not belong together, or not to this network. */
  'deployment-differs',
  /** The block that the provider has followed to is not one of this chain. */
  'books-of-another-chain',
  /** An event that cannot follow what came before it, or sums that do not agree. */
  'events-contradict',
  /** A contract holds another figure than its events come to. */
  'contract-differs',
  /** A claim was paid whose proof does not lead to the root of its time. */
  'claim-proof-invalid',

  /** Settled on the chain and not in the provider's books. */
  'batch-missing',
  /** In the books with other fields than on the chain. */
  'batch-differs',
  /** In the books as settled, and not on the chain. */
  'batch-ahead-of-chain',
  /** Settled on the chain, and the books have followed so far and do not say so. */
  'batch-not-booked',
  /** A charge names a batch that is not in the books. */
  'charge-of-no-batch',
  /** Stored evidence cannot be read at all. */
  'evidence-unreadable',
  /** Stored evidence is not that of the charge: its words give another id. */
  'evidence-swapped',
  /** Parts of the evidence that the signed records do not name. */
  'evidence-altered',
  /** A column of the charge says otherwise than the evidence. */
  'charge-altered',
  /** The judge refuses the evidence; only asked with signatures. */
  'evidence-refused',
  /** The fee booked of a charge is not that of the agreement. */
  'charge-fee-differs',
  'count-differs',
  'energy-differs',
  'total-differs',
  'fee-differs',
  'cdr-root-differs',
  'payouts-root-differs',
  /** What the books say an account is owed is not what its charges come to. */
  'payout-differs',
  /** An account was paid more of a channel than its charges come to. */
  'claim-above-payout',
  /** A settlement, claim, redemption or receipt of the chain is not in the ledger, or with other amounts. */
  'entry-missing',
  'entry-differs',
  /** The ledger books what the chain does not have. */
  'entry-ahead-of-chain',
  'redemption-missing',
  'redemption-differs',
  /** A forced claim was decided on the chain, and the books do not say so. */
  'forced-claim-missing',
  'forced-claim-differs',
  /** A charge, or its credit, was paid by a forced claim and again in a batch. */
  'charge-paid-twice',
  /** The ledger's position is not that of the token. */
  'position-differs',
  /** A text of a person or a point of these books, or an unsalted hash of one, was written on the chain. */
  'personal-data-on-chain',
] as const;
export type FindingName = (typeof findingNames)[number];

/** One thing that does not add up, with all that is needed to look it up. Amounts in micro-units, as text. */
export interface AuditFinding {
  readonly name: FindingName;
  /** In words. */
  readonly detail: string;
  /** By the chain, or by the evidence where there is no chain in it. */
  readonly expected?: string;
  /** In the provider's books. */
  readonly found?: string;
  readonly channelId?: string;
  readonly debtor?: string;
  readonly creditor?: string;
  readonly sequence?: string;
  readonly cdrId?: string;
  readonly account?: string;
  readonly redemptionId?: string;
  readonly claimId?: string;
  readonly txHash?: string;
  readonly blockNumber?: number;
}

/** A list that keeps the first findings and counts the rest, so that books which are wrong throughout fit in memory. */
export interface FindingList {
  readonly kept: readonly AuditFinding[];
  readonly count: number;
  add(finding: AuditFinding): void;
}

export const keptFindings = 1_000;

export function openFindingList(before: { kept: readonly AuditFinding[]; count: number }): FindingList {
  const kept = [...before.kept];
  let { count } = before;
  return {
    kept,
    get count() {
      return count;
    },
    add(finding) {
      count += 1;
      if (kept.length < keptFindings) kept.push(finding);
    },
  };
}
