import { readFileSync } from 'node:fs';
import type { ProviderClient } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';

/** Has a provider import the register once: a provider that shows points of it has it already. */
export async function importRegister(staff: ProviderClient, file: string): Promise<void> {
  const near = { latitude: 52.52, longitude: 13.405, radiusM: 20_000, limit: 200 };
  const shown = insist(await staff.points(near), 'GET /points');
  if (shown.points.some(({ inNetwork }) => !inNetwork)) return;
  insist(await staff.importRegister(readFileSync(file, 'utf8')), 'POST /admin/register-imports');
}
