import type { BankTables } from '../bank/BankTables.ts';
import type { ClearingTables } from '../clearing/ClearingTables.ts';
import type { DisputeTables } from '../disputes/DisputeTables.ts';
import type { IdentityTables } from '../identity/IdentityTables.ts';
import type { ChargeTables } from '../intake/ChargeTables.ts';
import type { LedgerTables } from '../ledger/LedgerTables.ts';
import type { NettingTables } from '../netting/NettingTables.ts';
import type { PayoutTables } from '../operators/PayoutTables.ts';
import type { PeerTables } from '../peers/PeerTables.ts';
import type { PeopleTables } from '../people/PeopleTables.ts';
import type { PointTables } from '../points/PointTables.ts';
import type { PriceTables } from '../prices/PriceTables.ts';
import type { SignalTables } from '../signals/SignalTables.ts';
import type { TrustTables } from '../trust/TrustTables.ts';

/** All tables, each described in its own room; `bigint` columns are read as text and taken as text or number. */
export interface Database
  extends PeopleTables,
    PointTables,
    TrustTables,
    IdentityTables,
    ChargeTables,
    LedgerTables,
    ClearingTables,
    DisputeTables,
    NettingTables,
    BankTables,
    PayoutTables,
    PeerTables,
    SignalTables,
    PriceTables {}
