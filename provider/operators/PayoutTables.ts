import type { Hex } from '@p2p-power/protocol/Hex';

/** Chain accounts at which operators were paid before they chose another one. */
export interface FormerAccountTable {
  account: Hex;
  operator_id: string;
  /** Whether we keep its key. */
  kept: boolean;
  /** Since when the operator is paid at another one, epoch seconds. */
  until: string;
}

/** View: all accounts of each operator, the present one (`until` null) and the former. */
export interface OperatorAccountView {
  account: Hex;
  operator_id: string;
  kept: boolean;
  until: string | null;
}

export interface PayoutTables {
  former_account: FormerAccountTable;
  operator_account: OperatorAccountView;
}
