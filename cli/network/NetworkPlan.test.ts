import { parseEvseId } from '@p2p-power/protocol/EvseId';
import { checkDynamicTariff, parseDynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { parseTariff } from '@p2p-power/tariff/Tariff';
import { expect, test } from 'vitest';
import { listPorts, planNetwork, portCount, providerOf } from './NetworkPlan.ts';

const plan = planNetwork('/tmp/some-folder', 9000);

test('every port is used once and lies within the range', () => {
  const ports = listPorts(plan).map(({ port }) => port);
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(9000);
  expect(Math.max(...ports)).toBeLessThan(9000 + portCount);
});

test('every station is of a planned provider and operator, has an EVSE-ID of that provider, and a tariff', () => {
  for (const station of plan.stations) {
    expect(providerOf(plan, station.providerId).providerId).toBe(station.providerId);
    const operator = plan.people.find(({ name }) => name === station.operator);
    expect(operator).toMatchObject({ role: 'operator', providerId: station.providerId });
    expect(parseEvseId(station.evseId).ok, station.evseId).toBe(true);
    expect(station.evseId.startsWith(station.providerId)).toBe(true);
    expect(parseTariff(station.tariff).ok, station.evseId).toBe(true);
  }
});

test('one station follows an index that its provider plays, within what its tariff prints; one takes energy back', () => {
  const dynamic = plan.stations.filter((station) => station.dynamic !== undefined);
  expect(dynamic).toHaveLength(1);
  for (const { dynamic: terms, tariff, providerId } of dynamic) {
    const [parsed, sound] = [parseTariff(tariff), parseDynamicTerms(terms)];
    if (!parsed.ok || !sound.ok) throw new Error('neither tariff nor terms may be refused');
    expect(checkDynamicTariff(sound.value, parsed.value).ok).toBe(true);
    expect(providerOf(plan, providerId).priceArea).toBe(sound.value.area);
  }
  expect(plan.stations.filter(({ feedInMicroPerKwh = 0 }) => feedInMicroPerKwh > 0)).toHaveLength(1);
});

test('exactly one station is offline', () => {
  expect(plan.stations.filter(({ online }) => !online)).toHaveLength(1);
});

test('everything lies inside the folder', () => {
  const files = [
    plan.chain.folder,
    plan.chain.deploymentFile,
    ...plan.providers.flatMap(({ folder, configFile, logFile }) => [folder, configFile, logFile]),
    ...plan.stations.flatMap(({ folder, configFile, logFile }) => [folder, configFile, logFile]),
  ];
  for (const file of files) expect(file.startsWith('/tmp/some-folder/')).toBe(true);
});

test('a provider that is not planned is a bug', () => {
  expect(() => providerOf(plan, 'DEXXX')).toThrow('no provider DEXXX');
});
