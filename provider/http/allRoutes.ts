import { registerClearingRoutes } from '../clearing/clearingRoutes.ts';
import { registerIntakeRoutes } from '../intake/intakeRoutes.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { registerPeerRoutes } from '../peers/peerRoutes.ts';
import type { ProviderApp } from './ProviderApp.ts';

/** Adds a domain's routes to the app. */
export type RegisterRoutes = (app: ProviderApp, context: ProviderContext) => void;

/** Every domain's routes, in the order in which the API document lists them. */
export const allRoutes: readonly RegisterRoutes[] = [
  registerIntakeRoutes,
  registerPeerRoutes,
  registerClearingRoutes,
];
