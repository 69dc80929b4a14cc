import type { Hex } from '@p2p-power/protocol/Hex';

/** Members' settlement accounts as they publish them to their peers. */
export interface PeerBankAccountTable {
  provider_id: string;
  name: string;
  iban: string;
  bic: string | null;
  /** Epoch seconds. */
  read_at: string;
  /** The IBAN that our staff confirmed: nothing is paid to another one. */
  confirmed_iban: string | null;
}

/** Payment files that were made; a file is made once. */
export interface PaymentFileTable {
  message_id: string;
  created_at: string;
  execution_date: string;
  count: number;
  total_micro: string;
  /** The XML, sealed: it names people's accounts. */
  sealed_xml: string;
}

/** What each file pays; nothing is in two files. */
export interface PaymentTable {
  end_to_end_id: string;
  message_id: string;
  kind: 'netting' | 'redemption';
  /** Redemption id; null for netting, whose transfer has the same end-to-end id. */
  redemption_id: Hex | null;
  /** Whole cents. */
  amount_micro: string;
  /** When the bank said that it has debited it, epoch seconds. */
  debited_at: string | null;
}

/**
 * What the bank told, each entry once. `matched` is one of ours that is still to be brought to the chain,
 * `done` one that is there, `unmatched` one that somebody must look at, with the reason as `refusal`.
 */
export const bankEntryStates = ['matched', 'done', 'unmatched'] as const;

export interface BankEntryTable {
  /** SHA-256 of what tells it from all others. */
  entry_id: Hex;
  message_id: string;
  line: number;
  side: 'credit' | 'debit';
  amount_micro: string;
  currency: string;
  end_to_end_id: string | null;
  bank_reference: string | null;
  booked_on: string | null;
  state: (typeof bankEntryStates)[number];
  refusal: string | null;
  refusal_detail: string | null;
  received_at: string;
  attempts: number;
  next_attempt_at: string;
}

/** Where an operator is paid in money, sealed as `name`, `iban` and `bic` in JSON. */
export interface OperatorBankAccountTable {
  operator_id: string;
  sealed: string;
  /** The last four characters of the IBAN. */
  iban_end: string;
  changed_at: string;
}

/** Where the money of a redemption goes whose holder is another provider's operator, or keeps its own key. */
export interface RedemptionBankAccountTable {
  redemption_id: Hex;
  sealed: string;
  iban_end: string;
  received_at: string;
  /** EIP-712, of the holder. */
  signature: Hex | null;
  /** When the provider that was asked had it; null while it is to be told. */
  sent_at: string | null;
}

export interface BankTables {
  operator_bank_account: OperatorBankAccountTable;
  redemption_bank_account: RedemptionBankAccountTable;
  peer_bank_account: PeerBankAccountTable;
  payment_file: PaymentFileTable;
  payment: PaymentTable;
  bank_entry: BankEntryTable;
}
