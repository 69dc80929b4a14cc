/** A car's battery and how it takes power. */
export interface CarModel {
  readonly batteryWh: number;
  /** Energy in the battery when the simulation begins, Wh. */
  readonly socWh: number;
  readonly maxPowerW: number;
  /** From this share of the battery on, in percent, power falls in a straight line to `tailPowerW` when full. */
  readonly taperFromPercent: number;
  readonly tailPowerW: number;
  /** How fast power rises, W per second. */
  readonly rampWPerS: number;
  /** Most power that it gives back, W; 0 = it cannot. */
  readonly maxDischargeW: number;
  /** What of the metered energy gets into the battery, and what of the battery's gets to the meter, per mille. */
  readonly chargePerMille: number;
  readonly dischargePerMille: number;
  /** What the driver reckons for a kWh given back, in money. */
  readonly wearMicroPerKwh: number;
}

export const typicalCar: CarModel = {
  batteryWh: 60_000,
  socWh: 20_000,
  maxPowerW: 11_000,
  taperFromPercent: 80,
  tailPowerW: 1_500,
  rampWPerS: 2_000,
  maxDischargeW: 0,
  chargePerMille: 1_000,
  dischargePerMille: 1_000,
  wearMicroPerKwh: 0,
};

/** A battery in use; energies are not rounded here, the meter rounds. Below 0 W it gives back. */
export interface CarBattery {
  readonly socWh: number;
  readonly powerW: number;
}

/** The power that the car would take now, were nothing else to limit it, W. */
export function acceptedPowerW(car: CarModel, socWh: number): number {
  if (socWh >= car.batteryWh) return 0;
  const taperFromWh = (car.batteryWh * car.taperFromPercent) / 100;
  if (socWh <= taperFromWh) return car.maxPowerW;
  const left = (car.batteryWh - socWh) / (car.batteryWh - taperFromWh);
  const tail = Math.min(car.tailPowerW, car.maxPowerW);
  return tail + (car.maxPowerW - tail) * left;
}

const stepS = 1;
/** Longest stretch that is stepped finely; longer ones are stepped coarsely, in as many steps. */
const maxSteps = 5_000;

/**
 * The battery `seconds` later with `limitW` on offer and the contactor closed. `speed` times as much
 * energy flows as on a real clock. Answers the energy taken, Wh.
 */
export function chargeBattery(
  car: CarModel,
  battery: CarBattery,
  seconds: number,
  limitW: number,
  speed: number,
): { readonly battery: CarBattery; readonly takenWh: number } {
  const count = Math.max(1, Math.min(maxSteps, Math.ceil((seconds * speed) / stepS)));
  const lengthS = (seconds * speed) / count;
  let { socWh, powerW } = battery;
  const efficiency = car.chargePerMille / 1_000;
  let takenWh = 0;
  for (let step = 0; step < count; step += 1) {
    const wantedW = Math.min(limitW, acceptedPowerW(car, socWh));
    powerW = Math.min(wantedW, Math.max(0, powerW) + car.rampWPerS * lengthS);
    const storedWh = Math.min(car.batteryWh - socWh, (powerW * lengthS * efficiency) / 3600);
    socWh += storedWh;
    takenWh += storedWh / efficiency;
    if (socWh >= car.batteryWh - 1e-9) [socWh, powerW] = [car.batteryWh, 0];
  }
  return { battery: { socWh, powerW }, takenWh };
}

/** The battery `seconds` later with the contactor closed and `limitW` to be drawn from it. Answers the energy given, Wh. */
export function drawFromBattery(
  car: CarModel,
  { socWh }: CarBattery,
  seconds: number,
  limitW: number,
  speed: number,
): { readonly battery: CarBattery; readonly givenWh: number } {
  const efficiency = car.dischargePerMille / 1_000;
  const powerW = Math.min(limitW, car.maxDischargeW);
  const givenWh = Math.min(socWh * efficiency, (powerW * seconds * speed) / 3600);
  const left = Math.max(0, socWh - givenWh / efficiency);
  return { battery: { socWh: left, powerW: left > 0 ? -powerW : 0 }, givenWh };
}
