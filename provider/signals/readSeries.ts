import { parseSignalContent } from '@p2p-power/protocol/Signal';
import { publishSignal, type SignalContext } from './publishSignal.ts';
import type { SignalFault } from './SignalFault.ts';
import type { SignalSeries } from './SignalSchemas.ts';
import { knownUntil, missingFrom } from './SignalSeries.ts';

/** Every signal of ours, by kind and area, with what it says and how asking its source goes. */
export async function readSeries(context: SignalContext): Promise<readonly SignalSeries[]> {
  const { db, clock } = context;
  const now = clock.nowS();
  const rows = await db.selectFrom('signal_series').selectAll().orderBy('kind').orderBy('area').execute();
  const time = (text: string | null) => (text === null ? null : Number(text));
  const series: SignalSeries[] = [];
  for (const row of rows) {
    const content = parseSignalContent(row.content);
    const published = await publishSignal(context, row.kind, row.area);
    series.push({
      kind: row.kind,
      area: row.area,
      source: row.source,
      askedAt: time(row.asked_at),
      heardAt: time(row.heard_at),
      nextAt: row.source === 'staff' ? null : Number(row.next_at),
      ageS: row.heard_at === null ? null : Math.max(0, now - Number(row.heard_at)),
      knownUntil: (content && knownUntil(content)) ?? null,
      missing: content === undefined ? 0 : missingFrom(content, now),
      fault: row.fault as SignalFault | null,
      faultDetail: row.fault_detail,
      faultsInRow: row.faults_in_row,
      signalId: published?.id ?? null,
      issuedAt: published?.signal.head.value.issuedAt ?? null,
      content: content ?? null,
    });
  }
  return series;
}
