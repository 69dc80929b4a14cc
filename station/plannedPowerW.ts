import type { Agreement } from './Session.ts';

/**
 * The power that the car is offered now, W, by what the driver signed and the point can; 0 = wait.
 */
export function plannedPowerW(agreement: Agreement, now: number): number {
  const { maxPowerW, startAt } = agreement.authorization.value;
  if (now < startAt) return 0;
  const pointW = agreement.offer.value.maxPowerW;
  return maxPowerW === 0 ? pointW : Math.min(pointW, maxPowerW);
}
