import { LinkFault } from './Network.ts';
import type { Phone, Wish } from './Phone.ts';
import type { SimulatedStation } from './SimulatedStation.ts';
import { refreshSignals, stationBackend } from './stationBackend.ts';
import type { World } from './World.ts';

/** Something that happens in a world; answers the line for the trace, or nothing where it could not happen. */
type Step = (world: World) => Promise<string | undefined>;

const freeStations = ({ stations, phones }: World): readonly SimulatedStation[] =>
  stations.filter((station) => !phones.some((phone) => phone.current()?.station === station));

const idlePhones = ({ phones }: World): readonly Phone[] =>
  phones.filter((phone) => phone.current() === undefined);

/** A driver comes with a car, more or less empty, and wants to charge somehow. */
const arrive: Step = async (world) => {
  const { random, clock } = world;
  const [free, idle] = [freeStations(world), idlePhones(world)];
  if (free.length === 0 || idle.length === 0) return undefined;
  const [station, phone] = [random.pick(free), random.pick(idle)];
  if (random.chance(85)) station.point.act('plug');
  station.point.setCar({
    batteryWh: random.pick([40_000, 60_000, 90_000]),
    socWh: random.integer(2_000, 38_000),
    maxPowerW: random.pick([3_700, 11_000, 22_000]),
    maxDischargeW: random.pick([0, 10_000, 10_000]),
    chargePerMille: 950,
    dischargePerMille: 950,
    wearMicroPerKwh: 20_000,
  });
  if (phone.certificate() === undefined) await phone.renew();
  const wish: Wish = {
    maxEnergyWh: random.pick([40_000, 40_000, 8_000, 1_500]),
    maxAmountMicro: random.pick([30_000_000, 30_000_000, 3_000_000, 900_000]),
    mode: random.pick(['immediate', 'immediate', 'cheapest', 'greenest']),
    maxPowerW: random.pick([0, 0, 4_000]),
    leaveAt: random.chance(30) ? clock.nowS() + random.integer(1_800, 30_000) : 0,
    startAt: random.chance(15) ? clock.nowS() + random.integer(600, 7_200) : 0,
  };
  // Whoever gives back stays for a while, and leaves with something in the battery.
  if ((station.provision.feedInMicroPerKwh ?? 0) > 0 && random.chance(60))
    Object.assign(wish, {
      mode: 'cheapest',
      startAt: 0,
      leaveAt: clock.nowS() + random.integer(7_200, 60_000),
      mayDischarge: true,
      reserveWh: random.pick([0, 8_000]),
      targetWh: random.pick([0, 20_000]),
    } satisfies Wish);
  const outcome = await phone.unlock(station, wish);
  return `${phone.name} at ${station.name} with ${wish.maxEnergyWh} Wh, ${wish.mode}${wish.mayDischarge ? ', may give back' : ''}: ${outcome}`;
};

/** A driver plugs in late, stops, pulls the cable, or asks for the receipt. */
const leave: Step = async (world) => {
  const { random } = world;
  const busy = world.phones.filter((phone) => phone.current() !== undefined);
  if (busy.length === 0) return undefined;
  const phone = random.pick(busy);
  const charge = phone.current();
  if (charge === undefined) return undefined;
  const { station } = charge;
  const how = random.weigh({ plug: 1, stop: 4, pull: 4, ask: 2 });
  if (how === 'plug') station.point.act('plug');
  if (how === 'pull') station.point.act('unplug');
  const stopped = how === 'stop' ? `${await phone.stop()}, ` : '';
  if (how !== 'ask') await station.tick();
  const outcome = await phone.fetchReceipt(charge);
  return `${phone.name} at ${station.name}: ${how}, ${stopped}${outcome}`;
};

const handIn: Step = async (world) => {
  const online = world.stations.filter((station) => station.online && station.isRunning());
  if (online.length === 0) return undefined;
  const station = world.random.pick(online);
  try {
    const count = await station.handIn(stationBackend(world, station));
    return `${station.name} hands in: ${count} records acknowledged`;
  } catch (error) {
    if (error instanceof LinkFault) return `${station.name} hands in: ${error.message}`;
    throw error;
  }
};

/** A dynamic point with a connection of its own asks for newer signals; its provider has asked the market before. */
const askSignals: Step = async (world) => {
  const online = world.stations.filter(
    (station) => station.online && station.isRunning() && station.provision.dynamic !== undefined,
  );
  if (online.length === 0) return undefined;
  const station = world.random.pick(online);
  const provider = world.provider(station.providerId);
  if (provider.isRunning()) await provider.runJobs('signals');
  try {
    await refreshSignals(world, station);
    const price = station.status()?.price;
    const words = price && `${price.microPerKwh} µ/kWh${price.isFallback ? ' by its fallback' : ''}`;
    return `${station.name} asks for signals: ${words ?? 'it has no price'}`;
  } catch (error) {
    if (error instanceof LinkFault) return `${station.name} asks for signals: ${error.message}`;
    throw error;
  }
};

/** Somebody comes by, takes sealed records along, and brings back what the provider said. */
const courier: Step = async (world) => {
  const { random } = world;
  const [phone, station] = [random.pick(world.phones), random.pick(world.stations)];
  const outcome = await phone.collect(station);
  if (random.chance(60)) {
    const to = random.chance(90) ? world.provider(station.providerId) : random.pick(world.providers);
    const handed = await phone.handIn(to);
    const brought = random.chance(70) ? `; ${await phone.deliver(station)}` : '';
    return `${phone.name} comes by ${station.name}: ${outcome}; at ${to.providerId}: ${handed}${brought}`;
  }
  return `${phone.name} comes by ${station.name}: ${outcome}`;
};

const bringBack: Step = async ({ random, phones, stations }) => {
  const [phone, station] = [random.pick(phones), random.pick(stations)];
  return `${phone.name} brings ${station.name} what providers said: ${await phone.deliver(station)}`;
};

const work: Step = async ({ random, providers }) => {
  const provider = random.pick(providers);
  const faults = provider.isRunning() ? await provider.runJobs() : ['it is down'];
  return `${provider.providerId} works${faults.length === 0 ? '' : `: ${faults.join('; ')}`}`;
};

const closePeriod: Step = async ({ random, providers, clock }) => {
  const provider = random.pick(providers);
  const periodEnd = clock.nowS() - random.integer(0, 7_200);
  return onProvider(`${provider.providerId} closes the period`, async () => {
    const { status, body } = await provider.call('POST', '/admin/periods/close', {
      as: 'staff',
      body: { periodEnd },
    });
    if (status !== 200) return `${status} ${body.refusal}`;
    return body.periods
      .map(
        (one: ClosedPeriod) =>
          `${one.outcome}, ${one.batch ? `${one.batch.count} charges ${one.batch.state}` : 'no batch'}`,
      )
      .join();
  });
};

interface ClosedPeriod {
  readonly outcome: string;
  readonly batch: { readonly count: number; readonly state: string } | null;
}

const claim: Step = async ({ random, operators }) => {
  const { name, provider } = random.pick(operators);
  return onProvider(`${name} claims`, async () => {
    const { status, body } = await provider.call('POST', '/operator/claims', { as: name });
    if (status !== 200) return `${status} ${body.refusal}`;
    return body.claims.map((one: { paidMicro: number }) => `${one.paidMicro}`).join() || 'nothing';
  });
};

/** An operator asks for money, or the provider pays what was asked for. */
const redeem: Step = async ({ random, operators, clock }) => {
  const { name, provider } = random.pick(operators);
  return onProvider(`${name} redeems`, async () => {
    const balance = await provider.call('GET', '/operator/balance', { as: name });
    const tokens = balance.status === 200 ? Number(balance.body.tokensMicro ?? 0) : 0;
    if (tokens > 0 && random.chance(60)) {
      const amountMicro = random.chance(50) ? tokens : random.integer(1, tokens);
      const requestId = `${name}-${clock.nowS()}`;
      const body = { amountMicro, requestId };
      const asked = await provider.call('POST', '/operator/redemptions', { as: name, body });
      return `asks for ${amountMicro}: ${asked.status === 200 ? asked.body.state : asked.body.refusal}`;
    }
    const list = await provider.call('GET', '/admin/redemptions', { as: 'staff' });
    const open = (list.body.redemptions ?? []).find(
      (one: { state: string }) => one.state === 'open' || one.state === 'paying',
    );
    if (open === undefined) return 'nothing is open';
    const paid = await provider.call('POST', `/admin/redemptions/${open.redemptionId}/paid`, {
      as: 'staff',
      body: { bankReference: `transfer-${open.redemptionId.slice(2, 10)}` },
    });
    return `is paid ${open.amountMicro}: ${paid.status === 200 ? paid.body.state : paid.body.refusal}`;
  });
};

async function onProvider(name: string, act: () => Promise<string>): Promise<string> {
  try {
    return `${name}: ${await act()}`;
  } catch (error) {
    if (error instanceof LinkFault) return `${name}: ${error.message}`;
    throw error;
  }
}

/** Mains away for a while, or back. */
const power: Step = async (world) => {
  const station = world.random.pick(world.stations);
  if (station.point.car().isPowered) {
    station.cutPower();
    return `${station.name}: power is cut`;
  }
  await station.returnPower();
  return `${station.name}: power is back`;
};

const killStation: Step = async ({ random, stations }) => {
  const station = random.pick(stations);
  if (!station.isRunning()) {
    await station.reopen();
    return `${station.name} is started again: ${station.isRunning() ? 'runs' : 'has no power'}`;
  }
  const count = random.integer(1, 14);
  station.armKill(count);
  return `${station.name} is to die at its write or effect ${count}`;
};

const killProvider: Step = async ({ random, providers }) => {
  const provider = random.pick(providers);
  if (!provider.isRunning()) {
    await provider.reopen();
    return `${provider.providerId} is started again`;
  }
  const count = random.integer(1, 60);
  provider.armCrash(count);
  return `${provider.providerId} is to die at its query or call ${count}`;
};

const fault: Step = async ({ random, stations }) => {
  const { point, name } = random.pick(stations);
  const action = random.pick(['fault', 'repair', 'repair'] as const);
  point.act(action);
  return `${name}: ${action}`;
};

/** A link, or the chain, is away for minutes or days. */
const cutLink: Step = async (world) => {
  const { random, clock, network } = world;
  const until =
    clock.nowS() + (random.chance(70) ? random.integer(60, 7_200) : random.integer(7_200, 200_000));
  const what = random.weigh({ chain: 1, peers: 2, station: 3, provider: 1, market: 2 });
  const hours = `${((until - clock.nowS()) / 3_600).toFixed(1)} h`;
  if (what === 'chain') world.cutChain(until);
  if (what === 'market') world.market.cut(until);
  if (what === 'peers') network.cut('DEAAA', 'DEBBB', until);
  if (what === 'provider') network.cut('*', random.pick(world.providers).providerId, until);
  if (what === 'station') {
    const { name } = random.pick(world.stations);
    network.cut(name, '*', until);
    return `${name} is offline for ${hours}`;
  }
  return `${what}: away for ${hours}`;
};

/** Clocks go wrong, within the tolerance and beyond. */
const skew: Step = async ({ random, stations, phones }) => {
  const skewS = random.pick([
    0,
    0,
    0,
    random.integer(-55, 55),
    random.integer(-55, 55),
    random.integer(-4_000, 4_000),
  ]);
  const one = random.chance(50) ? random.pick(stations) : random.pick(phones);
  one.setSkew(skewS);
  return `the clock of ${one.name} is ${skewS} s wrong`;
};

const renew: Step = async ({ random, phones }) => {
  const phone = random.pick(phones);
  if (random.chance(25)) {
    const revoked = await phone.revoke();
    return `${phone.name} takes the certificate back: ${revoked}; and asks anew: ${await phone.renew()}`;
  }
  return `${phone.name} asks for a certificate: ${await phone.renew()}`;
};

const bringUp: Step = async ({ stations, providers }) => {
  const down = [
    ...stations.filter((station) => !station.isRunning()),
    ...providers.filter((provider) => !provider.isRunning()),
  ];
  if (down.length === 0) return undefined;
  for (const one of down) await one.reopen();
  return `started again: ${down.map((one) => ('name' in one ? one.name : one.providerId)).join(', ')}`;
};

export const steps = {
  arrive,
  leave,
  handIn,
  askSignals,
  courier,
  bringBack,
  work,
  closePeriod,
  claim,
  redeem,
  power,
  killStation,
  killProvider,
  fault,
  cutLink,
  skew,
  renew,
  bringUp,
} satisfies Readonly<Record<string, Step>>;

/** How often each step is taken. */
export const stepWeights: Readonly<Record<keyof typeof steps, number>> = {
  arrive: 34,
  leave: 30,
  handIn: 8,
  askSignals: 12,
  courier: 10,
  bringBack: 3,
  work: 9,
  closePeriod: 3,
  claim: 3,
  redeem: 2,
  power: 4,
  killStation: 6,
  killProvider: 3,
  fault: 2,
  cutLink: 2,
  skew: 2,
  renew: 2,
  bringUp: 12,
};
