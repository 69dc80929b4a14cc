import type { Migration } from 'kysely/migration';
import { bankMigration } from '../bank/bankMigration.ts';
import { agreementMigration } from '../clearing/agreementMigration.ts';
import { clearingMigration } from '../clearing/clearingMigration.ts';
import { keptFeesMigration } from '../clearing/keptFeesMigration.ts';
import { settledUnseenMigration } from '../clearing/settledUnseenMigration.ts';
import { disputeMigration } from '../disputes/disputeMigration.ts';
import { identityMigration } from '../identity/identityMigration.ts';
import { chargeMigration } from '../intake/chargeMigration.ts';
import { refusedDriverMigration } from '../intake/refusedDriverMigration.ts';
import { refusedMigration } from '../intake/refusedMigration.ts';
import { ledgerMigration } from '../ledger/ledgerMigration.ts';
import { nettingMigration } from '../netting/nettingMigration.ts';
import { payoutMigration } from '../operators/payoutMigration.ts';
import { peerMigration } from '../peers/peerMigration.ts';
import { peopleMigration } from '../people/peopleMigration.ts';
import { accessMigration } from '../points/accessMigration.ts';
import { heldTariffsMigration } from '../points/heldTariffsMigration.ts';
import { heldTermsMigration } from '../points/heldTermsMigration.ts';
import { pointMigration } from '../points/pointMigration.ts';
import { standingMigration } from '../points/standingMigration.ts';
import { commissionBasisMigration } from '../prices/commissionBasisMigration.ts';
import { priceMigration } from '../prices/priceMigration.ts';
import { promotionTaxMigration } from '../prices/promotionTaxMigration.ts';
import { reportMigration } from '../reports/reportMigration.ts';
import { givenSignalsMigration } from '../signals/givenSignalsMigration.ts';
import { signalMigration } from '../signals/signalMigration.ts';
import { billMigration } from '../statements/billMigration.ts';
import { statementMigration } from '../statements/statementMigration.ts';
import { trustMigration } from '../trust/trustMigration.ts';

/**
 * Every step of the database's form, in the order of its name. A step that has run somewhere is never
 * changed: what comes later is a new one.
 */
export const allMigrations: Readonly<Record<string, Migration>> = {
  '0001_people': peopleMigration,
  '0002_points': pointMigration,
  '0003_trust': trustMigration,
  '0004_identity': identityMigration,
  '0010_charges': chargeMigration,
  '0011_ledger': ledgerMigration,
  '0012_clearing': clearingMigration,
  '0013_peers': peerMigration,
  '0014_statements': statementMigration,
  '0020_reports': reportMigration,
  '0021_refused': refusedMigration,
  '0022_standing': standingMigration,
  '0023_access': accessMigration,
  '0024_agreements': agreementMigration,
  '0025_netting': nettingMigration,
  '0026_bank': bankMigration,
  '0027_disputes': disputeMigration,
  '0028_payouts': payoutMigration,
  '0029_refused_drivers': refusedDriverMigration,
  '0030_settled_unseen': settledUnseenMigration,
  '0031_signals': signalMigration,
  '0032_prices': priceMigration,
  '0033_bills': billMigration,
  '0034_held_terms': heldTermsMigration,
  '0035_kept_fees': keptFeesMigration,
  '0036_promotion_taxes': promotionTaxMigration,
  '0037_commission_basis': commissionBasisMigration,
  '0038_held_tariffs': heldTariffsMigration,
  '0039_given_signals': givenSignalsMigration,
};
