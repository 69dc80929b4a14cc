import { localTime } from '@p2p-power/tariff/localTime';
import type { SignalKind } from './SignalTables.ts';

/** Markets and their days are on Central European time. */
const marketZone = 'Europe/Brussels';
/** The coupled day-ahead market publishes tomorrow's prices from about 12:45 on, rarely later than 14:30. */
const publishedAtS = 12.75 * 3_600;
const publishingForS = 3 * 3_600;
/** While tomorrow's prices are due they are asked for this often. */
const duringPublicationS = 180;
const firstRetryS = 30;
const maxRetryS = 3_600;

/** What became of a question, as far as the next one goes by it. */
export interface Asked {
  readonly kind: SignalKind;
  readonly everyS: number;
  /** Questions in a row that brought nothing. */
  readonly faultsInRow: number;
  readonly retryAfterS?: number | undefined;
  /** Until when the signal is known, epoch s. */
  readonly knownUntil?: number | undefined;
}

/**
 * When a source is asked next. After a fault later and later: 30 s, doubled each time up to an hour, and not before the
 * source allows it. Else after `everyS`; of prices earlier where tomorrow's come out before, and every three minutes
 * while they are due and not there.
 */
export function nextQuestion(asked: Asked, now: number): number {
  if (asked.faultsInRow > 0) {
    const backoffS = Math.min(firstRetryS * 2 ** Math.min(asked.faultsInRow - 1, 20), maxRetryS);
    return now + Math.max(backoffS, asked.retryAfterS ?? 0);
  }
  const usual = now + asked.everyS;
  if (asked.kind !== 'price') return usual;
  const { secondOfDay } = localTime(marketZone, now);
  // Days of 23 and 25 hours make this an hour wrong twice a year, by night: it is asked in between anyhow.
  const tomorrowEnds = now - secondOfDay + 2 * 86_400;
  const knowsTomorrow = (asked.knownUntil ?? 0) >= tomorrowEnds - 3_600;
  if (knowsTomorrow) return usual;
  const publishedIn = publishedAtS - secondOfDay;
  if (publishedIn > 0) return Math.min(usual, now + publishedIn);
  return publishedIn > -publishingForS ? Math.min(usual, now + duringPublicationS) : usual;
}
