import type { StationParts } from '../Station.ts';

/** What a dead controller's ports answer. */
export class Killed extends Error {
  constructor() {
    super('killed');
    this.name = 'Killed';
  }
}

/** Lets a controller die at a chosen point: just before or just after any write or effect. */
export interface KillSwitch {
  readonly parts: StationParts;
  /** Dies at the `count`-th point from now; there are two, before and after, for each write or effect. */
  arm(count: number): void;
  isDead(): boolean;
}

/** The same parts, wired through a switch. Nothing passes once it has died. */
export function killSwitch(parts: StationParts): KillSwitch {
  let left = Number.POSITIVE_INFINITY;
  let isDead = false;
  const point = (): void => {
    if (isDead) throw new Killed();
    left -= 1;
    if (left > 0) return;
    isDead = true;
    throw new Killed();
  };
  const alive = (): void => {
    if (isDead) throw new Killed();
  };
  const around = async <Value>(act: () => Promise<Value>): Promise<Value> => {
    point();
    const value = await act();
    point();
    return value;
  };
  const { store, meter, contactor, pilot, battery } = parts;
  return {
    parts: {
      ...parts,
      store: {
        ...store,
        append(entries) {
          point();
          store.append(entries);
          point();
        },
        keep(name, text) {
          point();
          store.keep(name, text);
          point();
        },
        markAlive(at) {
          alive();
          store.markAlive(at);
        },
      },
      meter: {
        publicKey: meter.publicKey,
        readRegisters() {
          alive();
          return meter.readRegisters();
        },
        begin: (measurement, at) => around(() => meter.begin(measurement, at)),
        end: (reference, at, endType) => around(() => meter.end(reference, at, endType)),
      },
      contactor: {
        close: () => around(() => contactor.close()),
        open: () => around(() => contactor.open()),
        isClosed: contactor.isClosed,
      },
      pilot: {
        state: pilot.state,
        advertise: (powerW) => around(() => pilot.advertise(powerW)),
      },
      ...(battery && {
        battery: {
          read() {
            alive();
            return battery.read();
          },
          draw: (powerW: number) => around(() => battery.draw(powerW)),
        },
      }),
    },
    arm(count) {
      left = count;
    },
    isDead: () => isDead,
  };
}
