import { registerBankRoutes } from '../bank/bankRoutes.ts';
import { registerClearingRoutes } from '../clearing/clearingRoutes.ts';
import { registerSettlementRoutes } from '../clearing/settlementRoutes.ts';
import { registerDisputeRoutes } from '../disputes/disputeRoutes.ts';
import { registerIntakeRoutes } from '../intake/intakeRoutes.ts';
import { registerLocationRoutes } from '../locations/locationRoutes.ts';
import { registerNettingRoutes } from '../netting/nettingRoutes.ts';
import { registerOperatorRoutes } from '../operators/operatorRoutes.ts';
import { registerPaymentRoutes } from '../operators/paymentRoutes.ts';
import { registerPayoutRoutes } from '../operators/payoutRoutes.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { registerAgreementRoutes } from '../peers/agreementRoutes.ts';
import { registerPeerRoutes } from '../peers/peerRoutes.ts';
import { registerDriverRoutes } from '../people/driverRoutes.ts';
import { registerPeopleAdminRoutes } from '../people/peopleAdminRoutes.ts';
import { registerPointAdminRoutes } from '../points/pointAdminRoutes.ts';
import { registerPointRoutes } from '../points/pointRoutes.ts';
import { registerStandingRoutes } from '../points/standingRoutes.ts';
import { registerOperatorPriceRoutes } from '../prices/operatorPriceRoutes.ts';
import { registerPriceAdminRoutes } from '../prices/priceAdminRoutes.ts';
import { registerRegisterRoutes } from '../register/registerRoutes.ts';
import { registerSignalRoutes } from '../signals/signalRoutes.ts';
import { registerStatementRoutes } from '../statements/statementRoutes.ts';
import { registerTrustRoutes } from '../trust/trustRoutes.ts';
import type { ProviderApp } from './ProviderApp.ts';

/** Adds a domain's routes to the app. */
export type RegisterRoutes = (app: ProviderApp, context: ProviderContext) => void;

/** Every domain's routes, in the order in which the API document lists them. */
export const allRoutes: readonly RegisterRoutes[] = [
  registerTrustRoutes,
  registerPointRoutes,
  registerStandingRoutes,
  registerSignalRoutes,
  registerDriverRoutes,
  registerPeopleAdminRoutes,
  registerPointAdminRoutes,
  registerOperatorPriceRoutes,
  registerPriceAdminRoutes,
  registerRegisterRoutes,
  registerLocationRoutes,
  registerIntakeRoutes,
  registerPeerRoutes,
  registerAgreementRoutes,
  registerClearingRoutes,
  registerSettlementRoutes,
  registerDisputeRoutes,
  registerStatementRoutes,
  registerOperatorRoutes,
  registerPaymentRoutes,
  registerPayoutRoutes,
  registerNettingRoutes,
  registerBankRoutes,
];
