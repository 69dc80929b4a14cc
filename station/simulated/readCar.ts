import { type JsonField, type JsonRefusal, members, refuseOthers, whole } from '@p2p-power/tariff/readJson';
import type { CarModel } from './SimulatedCar.ts';

const bounds: Readonly<Record<keyof CarModel, number>> = {
  batteryWh: 1_000_000,
  socWh: 1_000_000,
  maxPowerW: 2_000_000,
  taperFromPercent: 100,
  tailPowerW: 2_000_000,
  rampWPerS: 2_000_000,
  maxDischargeW: 2_000_000,
  chargePerMille: 1_000,
  dischargePerMille: 1_000,
  wearMicroPerKwh: 100_000_000,
};

/** A car as the configuration and the control interface name it; what is left out stays as it was. */
export function readCar<Refusal extends string>(field: JsonField<Refusal | JsonRefusal>): Partial<CarModel> {
  const car = members(field);
  refuseOthers(field, car.names, Object.keys(bounds));
  const read: Record<string, number> = {};
  for (const [name, most] of Object.entries(bounds)) {
    const member = car.optional(name);
    if (member !== undefined) read[name] = whole(member, name.endsWith('PerMille') ? 1 : 0, most);
  }
  return read;
}
