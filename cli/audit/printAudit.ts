import type { AuditFinding } from '@p2p-power/provider/audit/AuditFinding';
import type { AuditProgress, AuditReport } from '@p2p-power/provider/audit/runAudit';
import type { Page } from '../Page.ts';

/** What an audit found, for people. */
export function printAudit(page: Page, report: AuditReport, providerId: string | null): void {
  page.section(providerId === null ? 'The chain' : `The chain and the books of ${providerId}`);
  page.fact('compared at block', String(report.block));
  if (report.resumedAt !== null) page.fact('gone on from block', String(report.resumedAt));
  page.fact('events', report.events.toLocaleString('en'));
  page.fact('batches', report.batches.toLocaleString('en'));
  if (providerId !== null) {
    page.fact('  of these books', report.ownBatches.toLocaleString('en'));
    page.fact('charges checked', report.charges.toLocaleString('en'));
  }
  page.fact('time', `${report.seconds.toFixed(1)} s`);
  page.line();
  page.check(
    report.findingCount === 0,
    report.findingCount === 0
      ? 'Everything adds up.'
      : `${report.findingCount} ${report.findingCount === 1 ? 'thing does' : 'things do'} not add up.`,
  );
  for (const finding of report.findings) printFinding(page, finding);
  const unlisted = report.findingCount - report.findings.length;
  if (unlisted > 0) page.line(`and ${unlisted} more of which only the number is kept`);
}

const places = [
  'debtor',
  'creditor',
  'sequence',
  'cdrId',
  'account',
  'redemptionId',
  'claimId',
  'channelId',
  'txHash',
  'blockNumber',
] as const;

function printFinding(page: Page, finding: AuditFinding): void {
  page.line();
  page.line(`${finding.name}: ${finding.detail}`);
  if (finding.expected !== undefined) page.fact('expected', finding.expected);
  if (finding.found !== undefined) page.fact('found', finding.found);
  for (const place of places) if (finding[place] !== undefined) page.fact(place, String(finding[place]));
}

/** Prints how far an audit is, on one line that is written over where the stream is a terminal; at most once a second. */
export function progressPrinter(
  stream: { write(text: string): unknown; readonly isTTY?: boolean },
  nowMs: () => number = () => performance.now(),
): { show(progress: AuditProgress): void; clear(): void } {
  const beganAt = nowMs();
  const everyMs = stream.isTTY === true ? 500 : 10_000;
  let shownAt = beganAt;
  let isShown = false;
  return {
    show(progress) {
      const now = nowMs();
      if (now - shownAt < everyMs) return;
      shownAt = now;
      const line = printProgress(progress, (now - beganAt) / 1000);
      stream.write(stream.isTTY === true ? `\r\u001b[2K  ${line}` : `${line}\n`);
      isShown = true;
    },
    clear() {
      if (isShown && stream.isTTY === true) stream.write('\r\u001b[2K');
    },
  };
}

/** `block 1,204 of 8,000, 120,000 of 1,000,000 charges, 5,120 /s, 2 min 52 s to go`. */
export function printProgress(progress: AuditProgress, elapsedS: number): string {
  const { block, toBlock, charges, chargesInAll, findings } = progress;
  const count = (value: number) => value.toLocaleString('en');
  const parts = [`block ${count(block)} of ${count(toBlock)}`];
  if (chargesInAll > 0) {
    parts.push(`${count(charges)} of ${count(chargesInAll)} charges`);
    const perS = elapsedS > 0 ? charges / elapsedS : 0;
    if (perS > 0) {
      parts.push(`${count(Math.round(perS))} /s`);
      const leftS = Math.ceil(Math.max(chargesInAll - charges, 0) / perS);
      parts.push(`${leftS >= 60 ? `${Math.floor(leftS / 60)} min ` : ''}${leftS % 60} s to go`);
    }
  }
  if (findings > 0) parts.push(`${count(findings)} findings`);
  return parts.join(', ');
}
