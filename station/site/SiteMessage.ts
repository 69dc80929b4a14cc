import type { GridNotice } from '@p2p-power/planning/dimming';
import type { Lease, SharedPower } from '@p2p-power/planning/Lease';
import type { Standing } from '@p2p-power/planning/shareSite';
import type { Hex } from '@p2p-power/protocol/Hex';
import {
  isRecord,
  type ParseRefusal,
  type Signed,
  signedObject,
  type ValueOf,
} from '@p2p-power/protocol/SignedObject';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { sha256 } from '@p2p-power/protocol/sha256';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  items,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  readJson,
  text,
  whole,
} from '@p2p-power/tariff/readJson';
import type { SiteMember } from './SiteConfig.ts';

/** Signed by a member over the exact JSON text of the content, for one site only (its id takes the network's place). */
export const SiteHead = signedObject('SiteMessage', {
  memberId: 'text',
  /** Rises with every message of a member: an older one than the last is not looked at. */
  number: 'uint',
  /** Epoch seconds, the member's clock. */
  sentAt: 'uint',
  contentHash: 'bytes32',
});
export type SiteHead = ValueOf<typeof SiteHead.layout>;

/** How a message between members travels. */
export interface SiteMessage {
  readonly head: Signed<SiteHead>;
  readonly contentJson: string;
}

/**
 * What a member tells all others: what it keeps and wants, what it has lent to whom, and what it knows of the grid
 * operator's orders, its own word and what it heard.
 */
export interface SiteContent extends Omit<Standing, 'member' | 'until'> {
  readonly leases: readonly Omit<Lease, 'from'>[];
  readonly notices: readonly GridNotice[];
}

/** Why a message is refused, in order of precedence. */
export type SiteMessageRefusal =
  | ParseRefusal
  | 'unknown-member'
  | 'content-mismatch'
  | 'bad-content'
  | 'bad-signature';

const mostContentLength = 65_536;
const mostLeases = 2_000;
const mostNotices = 200;
const mostPowerW = 30_000_000;
const mostTime = 253_402_300_799;

const hashOf = (contentJson: string): Hex => sha256(new TextEncoder().encode(contentJson));

export async function signSiteMessage(
  siteId: Hex,
  head: Omit<SiteHead, 'contentHash'>,
  content: SiteContent,
  signer: Signer,
): Promise<SiteMessage> {
  const contentJson = JSON.stringify(content);
  const value = { ...head, contentHash: hashOf(contentJson) };
  return { head: await SiteHead.sign(siteId, value, signer), contentJson };
}

/** A message of one of the members, checked and read; anything else is refused. */
export async function openSiteMessage(
  json: unknown,
  siteId: Hex,
  site: readonly SiteMember[],
  verifier: Verifier,
): Promise<Result<{ readonly head: SiteHead; readonly content: SiteContent }, SiteMessageRefusal>> {
  if (!isRecord(json) || typeof json.contentJson !== 'string')
    return refuse('not-an-object', 'a message has a signed head and the text of its content');
  const { contentJson } = json;
  const head = SiteHead.parseSigned(json.head);
  if (!head.ok) return head;
  const { value } = head.value;
  const member = site.find(({ id }) => id === value.memberId);
  if (member === undefined) return refuse('unknown-member', `${value.memberId} is no member of this site`);
  if (hashOf(contentJson) !== value.contentHash)
    return refuse('content-mismatch', 'the content is not the one whose hash was signed');
  const content = parseSiteContent(contentJson);
  if (!content.ok) return refuse('bad-content', content.detail);
  if (!(await SiteHead.verify(siteId, head.value, member.publicKey, verifier)))
    return refuse('bad-signature', `not signed by ${member.id} for this site as it is configured here`);
  return accept({ head: value, content: content.value });
}

/** The content of a message out of untrusted text. */
export function parseSiteContent(contentJson: string): Result<SiteContent, JsonRefusal> {
  if (contentJson.length > mostContentLength) return refuse('too-many', 'the content is too long');
  let json: unknown;
  try {
    json = JSON.parse(contentJson);
  } catch {
    return refuse('not-an-object', 'the content is not JSON');
  }
  return readJson<SiteContent, never>(json, (root) => {
    const content = members(root);
    const claim = content.optional('claim');
    return {
      keepsW: sharedPower(content.required('keepsW')),
      ...(claim && { claim: readClaim(claim) }),
      leases: items(content.required('leases'), 0, mostLeases).map(readLease),
      notices: items(content.required('notices'), 0, mostNotices).map(readNotice),
    };
  });
}

function readClaim(field: JsonField<JsonRefusal>): NonNullable<SiteContent['claim']> {
  const claim = members(field);
  const phases = items(claim.required('phases'), 1, 3).map((one) => whole(one, 1, 3) as 1 | 2 | 3);
  return {
    wantedW: whole(claim.required('wantedW'), 0, 10_000_000),
    leastW: whole(claim.required('leastW'), 0, 10_000_000),
    phases: [...new Set(phases)],
    priority: whole(claim.required('priority'), 0, 3),
    arrivedAt: whole(claim.required('arrivedAt'), 0, mostTime),
  };
}

function readLease(field: JsonField<JsonRefusal>): SiteContent['leases'][number] {
  const lease = members(field);
  return {
    to: memberName(lease.required('to')),
    powerW: sharedPower(lease.required('powerW')),
    until: whole(lease.required('until'), 0, mostTime),
  };
}

function readNotice(field: JsonField<JsonRefusal>): GridNotice {
  const notice = members(field);
  return {
    reader: memberName(notice.required('reader')),
    order: oneOf(notice.required('order'), ['none', 'dimmed', 'unknown'] as const),
    limitW: whole(notice.required('limitW'), 0, mostPowerW),
    until: whole(notice.required('until'), 0, mostTime),
  };
}

const memberName = (field: JsonField<JsonRefusal>): string => text(field, /^[ -~]{1,32}$/, 'a member');

/** On L1, L2, L3 and all together. */
function sharedPower(field: JsonField<JsonRefusal>): SharedPower {
  const [l1, l2, l3, all] = items(field, 4, 4).map((one) => whole(one, 0, mostPowerW));
  return [l1 ?? 0, l2 ?? 0, l3 ?? 0, all ?? 0];
}
