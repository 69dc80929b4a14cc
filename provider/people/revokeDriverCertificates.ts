import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { ProviderContext } from '../ProviderContext.ts';
import { publishRevocations } from '../trust/publishRevocations.ts';

/** Takes one of the driver's certificates back and publishes that; a second time changes nothing. */
export async function revokeDriverCertificate(
  context: Pick<ProviderContext, 'db' | 'clock' | 'config'>,
  driverId: string,
  certificateId: Hex,
): Promise<Result<void, 'certificate-unknown'>> {
  const revoked = await revokeWhere(context, driverId, certificateId);
  if (revoked > 0) return accept(undefined);
  const known = await context.db
    .selectFrom('driver_certificate')
    .select('certificate_id')
    .where('driver_id', '=', driverId)
    .where('certificate_id', '=', certificateId)
    .executeTakeFirst();
  return known === undefined
    ? refuse('certificate-unknown', 'you have no certificate of this id')
    : accept(undefined);
}

/** Closes a driver's account: no sign-in any more, every certificate taken back. Bills remain to be paid. */
export async function closeDriver(
  context: Pick<ProviderContext, 'db' | 'clock' | 'config'>,
  driverId: string,
): Promise<Result<{ readonly revoked: number }, 'driver-unknown'>> {
  const closed = await context.db
    .updateTable('driver')
    .set((set) => ({ closed_at: set.fn.coalesce('closed_at', set.val(String(context.clock.nowS()))) }))
    .where('driver_id', '=', driverId)
    .executeTakeFirst();
  if (closed.numUpdatedRows === 0n) return refuse('driver-unknown', 'there is no driver of this id');
  return accept({ revoked: await revokeWhere(context, driverId) });
}

/** Takes back the driver's certificates that are in force, all or one; answers how many. */
async function revokeWhere(
  { db, clock, config }: Pick<ProviderContext, 'db' | 'clock' | 'config'>,
  driverId: string,
  certificateId?: Hex,
): Promise<number> {
  const now = clock.nowS();
  return db.transaction().execute(async (tx) => {
    let update = tx
      .updateTable('driver_certificate')
      .set({ revoked_at: String(now) })
      .where('driver_id', '=', driverId)
      .where('revoked_at', 'is', null)
      .where('not_after', '>', String(now));
    if (certificateId !== undefined) update = update.where('certificate_id', '=', certificateId);
    const rows = await update.returning(['certificate_id', 'not_after']).execute();
    const certificates = rows.map((row) => ({
      certificateId: row.certificate_id,
      expiresAt: Number(row.not_after),
    }));
    await publishRevocations(tx, config.providerId, certificates, now);
    return rows.length;
  });
}
