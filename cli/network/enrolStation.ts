import { openProvision } from '@p2p-power/station/enrol';
import { openStationKeys } from '@p2p-power/station/StationKeys';
import type { PlannedProvider, PlannedStation } from './NetworkPlan.ts';

export const hardwareModelOf = ({ maxPowerW }: PlannedStation): string =>
  `P2P-Power simulated ${maxPowerW / 1000} kW`;

/**
 * Has a simulated station certified, where it is not yet: makes its keys and keeps its provision in its
 * folder. The staff token stays with who brings the network up; the station renews with its own key.
 */
export async function enrolStation(
  station: PlannedStation,
  provider: PlannedProvider,
  staffToken: string,
): Promise<void> {
  const keys = openStationKeys(station.folder);
  const enrolment = {
    evseId: station.evseId,
    publicKey: keys.station.signer.publicKey,
    meterPublicKey: keys.simulatedMeter.spki,
    hardwareModel: hardwareModelOf(station),
    linkUrl: `ws://127.0.0.1:${station.port}/link`,
  };
  await openProvision(station.folder, enrolment, { providerUrl: provider.url, staffToken });
}
