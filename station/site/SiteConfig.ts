import type { LeaseRules } from '@p2p-power/planning/Lease';
import type { Fairness, PhasePower } from '@p2p-power/planning/SitePlan';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { sha256 } from '@p2p-power/protocol/sha256';
import {
  items,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  refuseOthers,
  reportAt,
  text,
  whole,
} from '@p2p-power/tariff/readJson';

/** A member of a site as the others reach and know it. */
export interface SiteMember {
  readonly id: string;
  /** Its part of the fuse for good, W. */
  readonly ownedW: PhasePower;
  /** Where it serves HTTP on the local network. */
  readonly url: string;
  /** x‖y of the key that it signs with. */
  readonly publicKey: Hex;
}

/** How a point shares a fuse with others. All but `me`, `phases` and `priority` must be the same at every member. */
export interface SiteConfig {
  /** Its name among the members. */
  readonly me: string;
  /** What the common fuse bears, W. */
  readonly fuseW: PhasePower;
  readonly members: readonly SiteMember[];
  /** The site's phases that this point loads, evenly. */
  readonly phases: readonly (1 | 2 | 3)[];
  /** Where there is not enough for all, a higher one goes first. */
  readonly priority: number;
  /** Among those of one priority. */
  readonly fairness: Fairness;
  readonly leaseS: number;
  readonly clockSkewS: number;
  readonly reactionS: number;
  /** How often members tell each other, s. */
  readonly roundS: number;
  /** The members whose drivers read the grid operator's orders; none: nobody dims this site as a whole. */
  readonly dimmedBy: readonly string[];
}

/** Why a site's configuration is refused, besides what any field can be refused for; the detail names the field. */
export type SiteConfigRefusal =
  | JsonRefusal
  | 'not-a-public-key'
  | 'unknown-member'
  | 'member-twice'
  | 'parts-above-fuse'
  | 'lease-too-short';

type Field = JsonField<SiteConfigRefusal>;

const known = [
  'me',
  'fuseW',
  'members',
  'phases',
  'priority',
  'fairness',
  'leaseS',
  'clockSkewS',
  'reactionS',
  'roundS',
  'dimmedBy',
];
const mostPowerW = 10_000_000;
const mostMembers = 200;
const phaseNames = ['L1', 'L2', 'L3'] as const;

/** Reads a site's configuration from untrusted JSON. */
export function readSiteConfig(field: Field): SiteConfig {
  const site = members(field);
  refuseOthers(field, site.names, known);
  const optional = (name: string, most: number, otherwise: number, least = 0): number => {
    const given = site.optional(name);
    return given === undefined ? otherwise : whole(given, least, most);
  };
  const phases = site.optional('phases');
  const fairness = site.optional('fairness');
  const dimmedBy = site.optional('dimmedBy');
  const me = memberName(site.required('me'));
  const fuseW = phasePower(site.required('fuseW'));
  const membersField = site.required('members');
  const read: SiteConfig = {
    me,
    fuseW,
    members: items(membersField, 1, mostMembers).map(readMember),
    phases: phases === undefined ? [1, 2, 3] : readPhases(phases),
    priority: optional('priority', 3, 0),
    fairness:
      fairness === undefined ? 'equal' : oneOf(fairness, ['equal', 'proportional', 'first-come'] as const),
    leaseS: optional('leaseS', 3_600, 60, 1),
    clockSkewS: optional('clockSkewS', 60, 5, 1),
    reactionS: optional('reactionS', 60, 10, 6),
    roundS: optional('roundS', 60, 3, 1),
    dimmedBy: dimmedBy === undefined ? [] : items(dimmedBy, 0, mostMembers).map(memberName),
  };
  checkMembers(membersField, read);
  for (const [index, id] of read.dimmedBy.entries()) {
    if (read.dimmedBy.indexOf(id) < index) reportAt(field, 'member-twice', `dimmedBy names ${id} twice`);
    if (!read.members.some((member) => member.id === id))
      reportAt(field, 'unknown-member', `dimmedBy names ${id}, which is no member`);
  }
  const leastS = 2 * (read.clockSkewS + read.reactionS + 2 * read.roundS);
  if (read.leaseS < leastS)
    reportAt(
      field,
      'lease-too-short',
      `leaseS must be at least ${leastS}: twice clockSkewS, reactionS and two roundS`,
    );
  return read;
}

function checkMembers(field: Field, { me, fuseW, members: all }: SiteConfig): void {
  for (const [index, { id, publicKey }] of all.entries()) {
    const twice = all.slice(0, index).find((one) => one.id === id || one.publicKey === publicKey);
    if (twice !== undefined)
      reportAt(field, 'member-twice', `[${index}] has the id or the key of ${twice.id}`);
  }
  if (!all.some(({ id }) => id === me)) reportAt(field, 'unknown-member', `none has the id ${me} of "me"`);
  for (const phase of [0, 1, 2] as const) {
    const parts = all.reduce((sum, { ownedW }) => sum + ownedW[phase], 0);
    if (parts > fuseW[phase])
      reportAt(
        field,
        'parts-above-fuse',
        `the parts (ownedW) on ${phaseNames[phase]} add up to ${parts} W, the fuse bears ${fuseW[phase]} W`,
      );
  }
}

function readMember(field: Field): SiteMember {
  const member = members(field);
  refuseOthers(field, member.names, ['id', 'url', 'publicKey', 'ownedW']);
  const key = member.required('publicKey');
  if (!isPublicKey(key.value))
    reportAt(key, 'not-a-public-key', 'expected x and y of a P-256 key, 64 bytes in hex');
  return {
    id: memberName(member.required('id')),
    url: text(member.required('url'), /^https?:\/\/[!-~]{1,300}$/, 'a web address'),
    publicKey: isHex(key.value, 64) ? key.value : '0x',
    ownedW: phasePower(member.required('ownedW')),
  };
}

const memberName = (field: Field): string =>
  text(field, /^[A-Za-z0-9._-]{1,32}$/, 'a name of up to 32 letters, digits, dots, lines');

function phasePower(field: JsonField<JsonRefusal>): PhasePower {
  const [l1, l2, l3] = items(field, 3, 3).map((one) => whole(one, 0, mostPowerW));
  return [l1 ?? 0, l2 ?? 0, l3 ?? 0];
}

function readPhases(field: Field): readonly (1 | 2 | 3)[] {
  const phases = items(field, 1, 3).map((one) => whole(one, 1, 3) as 1 | 2 | 3);
  if (new Set(phases).size < phases.length) reportAt(field, 'unknown-value', 'a phase is there twice');
  return phases;
}

export const leaseRules = ({ clockSkewS, leaseS, reactionS }: SiteConfig): LeaseRules => ({
  clockSkewS,
  longestS: leaseS,
  reactionS,
});

/**
 * What all members must agree on, hashed. Every message is signed for it, so that members with different ideas of the
 * site do not believe each other.
 */
export function siteId(site: SiteConfig): Hex {
  const { fuseW, fairness, leaseS, clockSkewS, reactionS, dimmedBy } = site;
  const parts = site.members.map(({ id, publicKey, ownedW }) => [id, publicKey, ownedW]);
  const agreed = [fuseW, fairness, leaseS, clockSkewS, reactionS, parts, dimmedBy];
  return sha256(new TextEncoder().encode(JSON.stringify(agreed)));
}
