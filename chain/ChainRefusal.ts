/**
 * The contracts' custom errors as this project names refusals. One row an error, read together: no two errors of
 * different contracts have the same name and another meaning.
 */
export const chainRefusals = {
  // Consortium
  NotAMember: 'not-a-member',
  MemberIdMalformed: 'member-id-malformed',
  MemberExists: 'member-exists',
  AccountNotUsable: 'account-not-usable',
  LastMember: 'last-member',
  KeyMalformed: 'key-malformed',
  KeyExists: 'key-exists',
  KeyUnknown: 'key-unknown',
  TooManyKeys: 'too-many-keys',
  UrlTooLong: 'url-too-long',
  ProposalExists: 'proposal-exists',
  ProposalUnknown: 'proposal-unknown',
  ProposalExpired: 'proposal-expired',
  ProposalExecuted: 'proposal-executed',
  AlreadyVoted: 'already-voted',
  QuorumMissing: 'quorum-missing',
  // ChargeToken
  NotClearing: 'not-clearing',
  NotConsortium: 'not-consortium',
  NotTheProvider: 'not-the-provider',
  NotTheHolder: 'not-the-holder',
  LimitExceeded: 'issuance-limit-exceeded',
  AmountMissing: 'amount-missing',
  RedemptionExists: 'redemption-exists',
  RedemptionUnknown: 'redemption-unknown',
  RedemptionClosed: 'redemption-closed',
  PaymentUnderWay: 'payment-under-way',
  BankReferenceMissing: 'bank-reference-missing',
  BankReferenceUsed: 'bank-reference-used',
  NotOwed: 'not-owed',
  ERC20InsufficientBalance: 'balance-too-low',
  ERC20InsufficientAllowance: 'allowance-too-low',
  ERC20InvalidApprover: 'account-invalid',
  ERC20InvalidReceiver: 'account-invalid',
  ERC20InvalidSender: 'account-invalid',
  ERC20InvalidSpender: 'account-invalid',
  ERC2612ExpiredSignature: 'permit-expired',
  ERC2612InvalidSigner: 'permit-signer-invalid',
  InvalidAccountNonce: 'permit-nonce-used',
  ECDSAInvalidSignature: 'permit-signature-invalid',
  ECDSAInvalidSignatureLength: 'permit-signature-invalid',
  ECDSAInvalidSignatureS: 'permit-signature-invalid',
  SafeCastOverflowedUintDowncast: 'amount-too-large',
  SafeCastOverflowedUintToInt: 'amount-too-large',
  // Peering
  SameMember: 'same-member',
  TermsMalformed: 'terms-malformed',
  VersionNotNext: 'version-not-next',
  AgreementExists: 'agreement-exists',
  AgreementUnknown: 'agreement-unknown',
  AgreementAcceptedAlready: 'agreement-accepted-already',
  NotTheOther: 'not-the-other',
  // Clearing
  SequenceNotNext: 'sequence-not-next',
  BatchMalformed: 'batch-malformed',
  AgreementNotValid: 'agreement-not-valid',
  CurrencyMismatch: 'currency-mismatch',
  FeeTooHigh: 'fee-too-high',
  DebtorSignatureInvalid: 'debtor-signature-invalid',
  CreditorSignatureInvalid: 'creditor-signature-invalid',
  ProofInvalid: 'proof-invalid',
  NothingToClaim: 'nothing-to-claim',
  TokenMismatch: 'token-mismatch',
  SafeERC20FailedOperation: 'token-transfer-failed',
  // libraries, at construction only
  InvalidShortString: 'text-too-long',
  StringTooLong: 'text-too-long',
} as const;

export type ChainErrorName = keyof typeof chainRefusals;
export type ChainRefusal = (typeof chainRefusals)[ChainErrorName];

/** Whether this is an error that the contracts may raise. */
export function isChainErrorName(name: string): name is ChainErrorName {
  return Object.hasOwn(chainRefusals, name);
}
