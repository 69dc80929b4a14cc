import { type PriceFrame, parseFrames } from '@p2p-power/tariff/PriceFrame';
import { accept, type Result } from '@p2p-power/tariff/Result';
import type { Language } from '@p2p-power/tariff/words';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { checkPrices } from './checkPrices.ts';
import { readPricedPoints } from './readPricedPoint.ts';

/** A point whose prices were allowed when they were published, and would not be now: frame, power or access changed. */
export interface PointOutside {
  readonly evseId: string;
  readonly operatorId: string;
  /** Which price, and the bound that it passes; or the breach of the law. */
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

/** Points whose prices in force lie outside the frames, or outside the law of price display; why, in `language`. */
export async function pointsOutside(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  frames: readonly PriceFrame[],
  language: Language = 'en',
): Promise<readonly PointOutside[]> {
  const points = await readPricedPoints(db, config.providerId);
  return points.flatMap((point): PointOutside[] => {
    const { evseId, operatorId, tariff, dynamic } = point;
    const checked = tariff && checkPrices(point, tariff, dynamic, frames, language);
    return checked === undefined || checked.ok ? [] : [{ evseId, operatorId, detail: checked.detail }];
  });
}
