import { Acknowledgement, type SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { CdrOutcome } from '@p2p-power/protocol/CdrOutcome';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { type Segment, sealSegment, segmentId as segmentIdOf } from '@p2p-power/protocol/Segment';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { EntryDraft, Journal } from './Journal.ts';
import { JournalFault } from './JournalFault.ts';
import type { Clock } from './Ports.ts';
import type { Provision } from './Provision.ts';

export interface OutboxParts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly verifier: Verifier;
  /** The provider's certificate keys, x‖y. */
  readonly issuerKeys: () => readonly Hex[];
  /** Runs what appends to the journal one after the other, with all else that does. */
  readonly inTurn: <Value>(task: () => Promise<Value>) => Promise<Value>;
}

/**
 * What waits to be handed in. CDRs are put into segments once and for good: sent again, whoever
 * carries them, they are the same segments, so twice, reordered or in part does no harm. A CDR stays
 * in the journal for ever; a segment stops being sent once the provider's acknowledgement is there.
 */
export interface Outbox {
  /** CDRs that the provider has not acknowledged. */
  pending(): number;
  /**
   * At most `limit` sealed segments that wait and are not among `except`. What was given goes to the
   * back of the row, so that one that never arrives holds up no other.
   */
  segments(limit: number, except?: ReadonlySet<Hex>): Promise<readonly Segment[]>;
  /** Takes acknowledgements that anybody brought; answers how many CDRs they newly cover. */
  acknowledge(acknowledgements: readonly unknown[]): Promise<number>;
  /** Notes which CDRs the provider refused, by name. */
  noteOutcomes(outcomes: readonly CdrOutcome[]): Promise<void>;
}

/** CDRs in one segment at most, and characters of their evidence unless a single one has more. */
const segmentSize = 16;
const segmentLength = 1_500_000;
/** Characters of ciphertext given at once, unless a single segment has more: a phone reads no longer message. */
const mostAtOnce = 4_000_000;

export function openOutbox(parts: OutboxParts, provision: Provision): Outbox {
  const { journal, clock, inTurn } = parts;
  const { networkId } = provision;
  const to = {
    networkId,
    providerId: provision.certificate.value.providerId,
    recipientPublicKey: provision.courierKey.publicKey,
  };
  const waiting = new Map<Hex, readonly Hex[]>();
  for (const segmentId of journal.store.subjectsWithout('segment', 'acknowledged'))
    waiting.set(segmentId as Hex, membersOf(segmentId as Hex));

  function membersOf(segmentId: Hex): readonly Hex[] {
    const entry = journal.find('segment', segmentId);
    if (entry === undefined) throw new Error('a segment without its entry');
    return (JSON.parse(entry.body) as { authorizationIds: Hex[] }).authorizationIds;
  }

  const evidenceOf = (authorizationIds: readonly Hex[]): readonly Evidence[] =>
    authorizationIds.map((id) => readEvidence(journal, id));

  /** CDRs in no segment, as of entry `readUpTo`. */
  const loose = [...journal.store.subjectsWithout('ended', 'segmented')] as Hex[];
  let readUpTo = journal.head().nextNumber - 1;
  const findLoose = (): readonly Hex[] => {
    while (readUpTo < journal.head().nextNumber - 1) {
      const page = journal.store.read(readUpTo + 1, 500);
      if (page.length === 0)
        throw new JournalFault(
          `Journal entry ${readUpTo + 1} was written and is not there.`,
          'The disk does not keep what it is given: replace it.',
        );
      for (const { number, kind, subject } of page) {
        if (kind === 'ended') loose.push(subject as Hex);
        readUpTo = number;
      }
    }
    return loose;
  };

  const nextMembers = (): readonly Hex[] => {
    let length = 0;
    let count = 0;
    for (const id of loose.slice(0, segmentSize)) {
      length += journal.find('ended', id)?.body.length ?? 0;
      if (count > 0 && length > segmentLength) break;
      count += 1;
    }
    return loose.slice(0, count);
  };

  /** Puts all CDRs that are in no segment into new ones. */
  const form = async (): Promise<void> => {
    while (findLoose().length > 0) {
      const authorizationIds = nextMembers();
      const segmentId = segmentIdOf(evidenceOf(authorizationIds));
      const drafts: EntryDraft[] = [{ kind: 'segment', subject: segmentId, body: { authorizationIds } }];
      for (const subject of authorizationIds)
        drafts.push({ kind: 'segmented', subject, body: { segmentId } });
      journal.append(clock.nowS(), drafts);
      waiting.set(segmentId, authorizationIds);
      loose.splice(0, authorizationIds.length);
    }
  };

  /** Whether the provider says with one of its keys that it has this segment, whole. */
  const isGenuine = async (acknowledgement: SignedAcknowledgement): Promise<boolean> => {
    const { value } = acknowledgement;
    const members = waiting.get(value.segmentId);
    const issuerKey = parts.issuerKeys().find((key) => keyId(key) === value.issuerKeyId);
    if (members === undefined || issuerKey === undefined) return false;
    // A segment may hold records from before and after the certificate was renewed.
    const certificateIds = evidenceOf(members).map(({ stationCertificate }) =>
      StationCertificate.id(networkId, stationCertificate.value),
    );
    return (
      value.providerId === to.providerId &&
      value.count === members.length &&
      certificateIds.includes(value.stationCertificateId) &&
      (await Acknowledgement.verify(networkId, acknowledgement, issuerKey, parts.verifier))
    );
  };

  return {
    pending: () =>
      findLoose().length + [...waiting.values()].reduce((sum, members) => sum + members.length, 0),
    async segments(limit, except = new Set()) {
      await inTurn(form);
      const row = [...waiting].filter(([segmentId]) => !except.has(segmentId)).slice(0, limit);
      const sealed: Segment[] = [];
      let length = 0;
      for (const [segmentId, members] of row) {
        const segment = await sealSegment(evidenceOf(members), to);
        length += segment.ciphertext.length;
        if (sealed.length > 0 && length > mostAtOnce) break;
        sealed.push(segment);
        if (!waiting.delete(segmentId)) continue;
        waiting.set(segmentId, members);
      }
      return sealed;
    },
    async acknowledge(acknowledgements) {
      let count = 0;
      for (const json of acknowledgements) {
        const parsed = Acknowledgement.parseSigned(json);
        if (!parsed.ok || !(await isGenuine(parsed.value))) continue;
        const { segmentId } = parsed.value.value;
        await inTurn(async () => {
          const members = waiting.get(segmentId);
          if (members === undefined) return;
          const body = { acknowledgement: parsed.value };
          journal.append(clock.nowS(), [{ kind: 'acknowledged', subject: segmentId, body }]);
          waiting.delete(segmentId);
          count += members.length;
        });
      }
      return count;
    },
    async noteOutcomes(outcomes) {
      const refused = outcomes.filter(
        ({ cdrId, outcome }) => outcome === 'refused' && journal.store.find('outcome', cdrId) === undefined,
      );
      if (refused.length === 0) return;
      await inTurn(async () => {
        const drafts = refused.map((outcome) => ({ kind: 'outcome', subject: outcome.cdrId, body: outcome }));
        journal.append(clock.nowS(), drafts);
      });
    },
  };
}

/** The evidence of a session that ended: the same JSON each time, byte by byte. */
function readEvidence(journal: Journal, authorizationId: Hex): Evidence {
  const entry = journal.find('ended', authorizationId);
  if (entry === undefined) throw new Error('no session of this authorization has ended');
  return JSON.parse(entry.body) as Evidence;
}
