import { parseSignalContent, type SignalContent } from '@p2p-power/protocol/Signal';
import { sql } from 'kysely';
import type { Job } from '../jobs/Job.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { nextQuestion } from './nextQuestion.ts';
import { openSource } from './openSource.ts';
import { publishSignal } from './publishSignal.ts';
import type { SignalConfig } from './SignalConfig.ts';
import type { SourceAnswer } from './SignalFault.ts';
import { knownUntil, mergeContent, type Span, windowAt } from './SignalSeries.ts';
import type { SignalSource } from './SignalSource.ts';
import { signalFaultsTotal } from './signalMetrics.ts';

/** Issued signals are kept so long after they were issued: no terms rely on an older one's prices for the map. */
const keptForS = 35 * 86_400;

/** Sources keep tokens and files that they have read: one each for as long as the program runs. */
const opened = new WeakMap<ProviderContext, Map<SignalConfig, SignalSource>>();

/** Asks every source of signals that is due, all at once: none holds up another, and a fault of one is its own. */
export const signalsJob: Job = {
  name: 'signals',
  everyS: () => 5,
  run: followSignals,
};

export async function followSignals(context: ProviderContext, signal: AbortSignal): Promise<void> {
  await enterSeries(context);
  const due = await context.db
    .selectFrom('signal_series')
    .select(['kind', 'area'])
    .where('source', '<>', 'staff')
    .where('next_at', '<=', String(context.clock.nowS()))
    .execute();
  const configured = context.config.signals.filter((one) =>
    due.some(({ kind, area }) => kind === one.kind && area === one.area),
  );
  const asked = await Promise.allSettled(configured.map((one) => follow(context, one, signal)));
  await forgetOld(context);
  const failed = asked.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** One row a configured signal: what is configured otherwise than before is asked at once, what is not any more forgotten. */
async function enterSeries({ db, config, clock }: ProviderContext): Promise<void> {
  const configured = config.signals.map(({ kind, area }) => `${kind} ${area}`);
  await sql`
    delete from signal_series where source <> 'staff' and kind || ' ' || area <> all(${configured}::text[])`.execute(
    db,
  );
  for (const { kind, area, source } of config.signals)
    await db
      .insertInto('signal_series')
      .values({
        kind,
        area,
        source: source.type,
        content: null,
        asked_at: null,
        heard_at: null,
        next_at: String(clock.nowS()),
        fault: null,
        fault_detail: null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['kind', 'area'])
          .doUpdateSet({ source: source.type, next_at: String(clock.nowS()) })
          .where('signal_series.source', '<>', source.type),
      )
      .execute();
}

async function follow(context: ProviderContext, config: SignalConfig, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = context;
  const { kind, area, everyS } = config;
  const window = windowAt(clock.nowS());
  const answer = await read(sourceOf(context, config), window, signal);
  if (signal.aborted) return;
  const now = clock.nowS();
  const series = await db
    .selectFrom('signal_series')
    .select(['content', 'faults_in_row'])
    .where('kind', '=', kind)
    .where('area', '=', area)
    .executeTakeFirstOrThrow();
  const known = parseSignalContent(series.content);
  const heard: SourceAnswer<SignalContent> =
    answer.ok && parseSignalContent(answer.value) === undefined
      ? { ok: false, refusal: 'unexpected-form', detail: 'the values make no signal' }
      : answer;
  const content = heard.ok ? mergeContent(known, heard.value, window, now) : known;
  const faultsInRow = heard.ok ? 0 : series.faults_in_row + 1;
  const nextAt = nextQuestion(
    {
      kind,
      everyS,
      faultsInRow,
      retryAfterS: heard.ok ? undefined : heard.retryAfterS,
      knownUntil: content && knownUntil(content),
    },
    now,
  );
  await db
    .updateTable('signal_series')
    .set({
      asked_at: String(now),
      next_at: String(nextAt),
      fault: heard.ok ? null : heard.refusal,
      fault_detail: heard.ok ? null : heard.detail.slice(0, 300),
      faults_in_row: faultsInRow,
      ...(heard.ok && { heard_at: String(now), content: JSON.stringify(content) }),
    })
    .where('kind', '=', kind)
    .where('area', '=', area)
    .execute();
  if (heard.ok) await publishSignal(context, kind, area);
  else {
    signalFaultsTotal(context.metrics.registry).inc({ kind, area, fault: heard.refusal });
    log.warn({ kind, area, fault: heard.refusal, detail: heard.detail, nextAt }, 'source not believed');
  }
}

function sourceOf(context: ProviderContext, config: SignalConfig): SignalSource {
  const sources = opened.get(context) ?? new Map<SignalConfig, SignalSource>();
  opened.set(context, sources);
  const known = sources.get(config);
  if (known !== undefined) return known;
  const source = openSource(config, {
    fetch: context.fetch,
    nowS: () => context.clock.nowS(),
    currency: context.config.currency,
  });
  sources.set(config, source);
  return source;
}

/** An adapter that throws has met an answer that it did not foresee: that too is the source's own fault. */
async function read(
  source: SignalSource,
  window: Span,
  signal: AbortSignal,
): Promise<SourceAnswer<SignalContent>> {
  try {
    return await source.read(window, signal);
  } catch (error) {
    return { ok: false, refusal: 'unexpected-form', detail: (error as Error).message.slice(0, 200) };
  }
}

/** Signals that nobody can hold any more; the newest of each stays, and what a station is believed to hold. */
async function forgetOld({ db, clock }: ProviderContext): Promise<void> {
  await sql`
    delete from signal s where issued_at < ${clock.nowS() - keptForS} and exists (
      select 1 from signal n where n.provider_id = s.provider_id and n.kind = s.kind and n.area = s.area
        and n.issued_at > s.issued_at)
      and not exists (select 1 from evse e where s.signal_id = any(array_append(e.given_signal_ids, e.taken_signal_id)))`.execute(
    db,
  );
}
