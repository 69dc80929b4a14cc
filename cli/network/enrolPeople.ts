import type { ProviderClient } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';
import type { NetworkPlan } from './NetworkPlan.ts';

/**
 * Registers the operators with their charging points and tariffs. Drivers need nothing: they become
 * customers when they first sign in. Safe to repeat.
 */
export async function enrolPeople(
  plan: NetworkPlan,
  staffOf: (providerId: string) => ProviderClient,
): Promise<void> {
  for (const { providerId } of plan.providers) {
    const staff = staffOf(providerId);
    const known = insist(await staff.operators(), 'GET /admin/operators').operators;
    for (const { name, email } of plan.people.filter(
      (person) => person.role === 'operator' && person.providerId === providerId,
    )) {
      const operator =
        known.find((one) => one.email === email) ??
        insist(await staff.addOperator({ name, email }), 'POST /admin/operators');
      await addPoints(plan, staff, name, operator.operatorId);
    }
  }
}

async function addPoints(
  plan: NetworkPlan,
  staff: ProviderClient,
  operator: string,
  operatorId: string,
): Promise<void> {
  for (const station of plan.stations.filter((one) => one.operator === operator)) {
    const { evseId, name, address, postalCode, city, latitude, longitude, maxPowerW } = station;
    const { dynamic, targetGroup, feedInMicroPerKwh = 0 } = station;
    const point = { operatorId, evseId, name, address, postalCode, city, latitude, longitude, maxPowerW };
    const put = insist(
      await staff.putPoint({
        ...point,
        targetGroup,
        feedInMicroPerKwh,
        openingTimes: { twentyfourseven: true },
      }),
      `POST /admin/points ${evseId}`,
    );
    if (put.tariffId !== null) continue;
    insist(await staff.putTariff(evseId, station.tariff), `PUT the tariff of ${evseId}`);
    if (dynamic !== undefined)
      insist(await staff.putDynamic(evseId, dynamic), `PUT the dynamic terms of ${evseId}`);
  }
}
