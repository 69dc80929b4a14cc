import { checkFrame } from '@p2p-power/tariff/checkFrame';
import { frameOf, type PriceFrame, parseFrames } from '@p2p-power/tariff/PriceFrame';
import { accept, type Result } from '@p2p-power/tariff/Result';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { readPricedPoints } from './readPricedPoint.ts';

/** A point whose tariff was in its frame when it was published, and is not any more. */
export interface PointOutside {
  readonly evseId: string;
  readonly operatorId: string;
  /** Which price, and the bound that it passes. */
  readonly detail: string;
}

/** The frames in force; empty where none were ever laid down. */
export async function readFrames(db: Kysely<Database>): Promise<readonly PriceFrame[]> {
  const row = await db
    .selectFrom('price_frames')
    .select('frames')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const parsed = parseFrames(row?.frames ?? []);
  if (!parsed.ok) throw new Error(`the price frames in the database: ${parsed.detail}`);
  return parsed.value;
}

/** Lays down the provider's price frames, all at once. Tariffs that were published before stay in force. */
export async function putFrames(
  { db, clock }: Pick<ProviderContext, 'db' | 'clock'>,
  json: unknown,
): Promise<Result<readonly PriceFrame[], string>> {
  const parsed = parseFrames(json);
  if (!parsed.ok) return parsed;
  await db
    .insertInto('price_frames')
    .values({ frames: JSON.stringify(parsed.value), entered_at: String(clock.nowS()) })
    .execute();
  return accept(parsed.value);
}

/** Points whose tariff in force lies outside the frames. */
export async function pointsOutside(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  frames: readonly PriceFrame[],
): Promise<readonly PointOutside[]> {
  if (frames.length === 0) return [];
  const points = await readPricedPoints(db, config.providerId);
  return points.flatMap((point): PointOutside[] => {
    const { evseId, operatorId, tariff, dynamic } = point;
    const frame = frameOf(frames, { ...point, currency: config.currency });
    const checked = frame && tariff && checkFrame(frame, tariff, dynamic);
    return checked === undefined || checked.ok ? [] : [{ evseId, operatorId, detail: checked.detail }];
  });
}
