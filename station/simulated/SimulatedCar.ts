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
}

export const typicalCar: CarModel = {
  batteryWh: 60_000,
  socWh: 20_000,
  maxPowerW: 11_000,
  taperFromPercent: 80,
  tailPowerW: 1_500,
  rampWPerS: 2_000,
};

/** A battery that is being charged; energies are not rounded here, the meter rounds. */
export interface Battery {
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
  battery: Battery,
  seconds: number,
  limitW: number,
  speed: number,
): { readonly battery: Battery; readonly takenWh: number } {
  const count = Math.max(1, Math.min(maxSteps, Math.ceil((seconds * speed) / stepS)));
  const lengthS = (seconds * speed) / count;
  let { socWh, powerW } = battery;
  const before = socWh;
  for (let step = 0; step < count; step += 1) {
    const wantedW = Math.min(limitW, acceptedPowerW(car, socWh));
    powerW = Math.min(wantedW, powerW + car.rampWPerS * lengthS);
    socWh = Math.min(car.batteryWh, socWh + (powerW * lengthS) / 3600);
    if (socWh >= car.batteryWh) powerW = 0;
  }
  return { battery: { socWh, powerW }, takenWh: socWh - before };
}
