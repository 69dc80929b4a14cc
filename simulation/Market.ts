import type { SeededRandom } from './SeededRandom.ts';
import type { ClockView } from './VirtualClock.ts';

/** Where providers ask it. */
export const marketUrl = 'https://market.example';

/** A market as aWATTar publishes it: hourly prices of this day, from noon on also of the next. It misbehaves. */
export interface Market {
  /** Answers `GET /v1/marketdata?start&end`, ms: or something else, or nothing for hours. */
  answer(request: Request): Promise<Response>;
  /** Publishes nothing new until then, epoch seconds. */
  cut(until: number): void;
  heal(): void;
}

const hourS = 3_600;
const dayS = 86_400;

/** Prices follow from the seed alone, whoever asks and however often. */
export function openMarket(clock: ClockView, random: SeededRandom): Market {
  const noise = Array.from({ length: 97 }, () => random.integer(-40, 40));
  let isHealed = false;
  let downUntil = 0;
  /** EUR/MWh in cents: dear in the morning and the evening, below zero on some middays. */
  const centsOf = (hour: number): number => {
    const swing = Math.cos(((hour % 24) / 12) * 2 * Math.PI);
    return Math.round(7_000 - 6_000 * swing + 60 * (noise[hour % noise.length] ?? 0));
  };
  const listing = (request: Request): readonly object[] => {
    const query = new URL(request.url).searchParams;
    const now = clock.nowS();
    const today = now - (now % dayS);
    const publishedUntil = today + (now - today >= dayS / 2 ? 2 * dayS : dayS);
    const to = Math.min(Number(query.get('end')) / 1000, publishedUntil);
    const data: object[] = [];
    for (let at = Number(query.get('start')) / 1000; at < to; at += hourS)
      data.push({
        start_timestamp: at * 1000,
        end_timestamp: (at + hourS) * 1000,
        marketprice: centsOf(at / hourS) / 100,
        unit: 'Eur/MWh',
      });
    return data;
  };
  return {
    async answer(request) {
      if (!isHealed && clock.nowS() < downUntil) return new Response('down', { status: 503 });
      const data = listing(request);
      const fate = isHealed
        ? 'answers'
        : random.weigh({ answers: 80, fails: 6, gaps: 6, garbage: 4, 'another-unit': 4 });
      if (fate === 'fails') return new Response('no', { status: 500 });
      if (fate === 'garbage') return new Response('{"data":[{"marketprice":');
      if (fate === 'another-unit')
        return Response.json({ data: data.map((row) => ({ ...row, unit: 'Eur/kWh' })) });
      if (fate === 'gaps') return Response.json({ data: data.filter((_, index) => index % 3 !== 1) });
      return Response.json({ object: 'list', data, url: '/v1/marketdata' });
    },
    cut(until) {
      downUntil = until;
    },
    heal() {
      isHealed = true;
    },
  };
}
