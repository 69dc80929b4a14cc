import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { isAddress, isHex, size } from 'viem';
import type { FoundingMember } from './Deployment.ts';
import { encodeMemberId, isPartyId } from './MemberId.ts';
import { pointOf } from './PublicKeyPoint.ts';

/** In order of precedence. */
export type FoundingMembersRefusal = 'members-malformed' | 'member-twice';

const maxUrlLength = 200;

/**
 * Reads the list of the members that found a consortium: `[{providerId, account, url, certificateKey,
 * issuanceLimitMicro}]`. `certificateKey` is the P-256 public key x‖y, 64 bytes; `issuanceLimitMicro` a whole number of
 * micro-units, as a number or as digits.
 */
export function parseFoundingMembers(
  untrusted: unknown,
): Result<readonly FoundingMember[], FoundingMembersRefusal> {
  const malformed = (detail: string) => refuse('members-malformed', detail);
  if (!Array.isArray(untrusted) || untrusted.length === 0) return malformed('not a list of members');
  const members: FoundingMember[] = [];
  for (const [index, entry] of untrusted.entries()) {
    const wrong = (field: string) => malformed(`${index}.${field}`);
    if (typeof entry !== 'object' || entry === null) return wrong('not an object');
    const { providerId, account, url, certificateKey, issuanceLimitMicro } = entry as Record<string, unknown>;
    if (typeof providerId !== 'string' || !isPartyId(providerId)) return wrong('providerId');
    if (typeof account !== 'string' || !isAddress(account, { strict: false }) || /^0x0{40}$/.test(account))
      return wrong('account');
    if (typeof url !== 'string' || url.length > maxUrlLength || !/^https?:$/.test(protocolOf(url)))
      return wrong('url');
    if (typeof certificateKey !== 'string' || !isHex(certificateKey) || size(certificateKey) !== 64)
      return wrong('certificateKey');
    if (!/^(0|[1-9]\d{0,30})$/.test(String(issuanceLimitMicro))) return wrong('issuanceLimitMicro');
    members.push({
      memberId: encodeMemberId(providerId),
      account,
      url,
      keys: [pointOf(certificateKey)],
      issuanceLimitMicro: BigInt(String(issuanceLimitMicro)),
    });
  }
  for (const name of ['memberId', 'account'] as const) {
    const values = members.map((member) => member[name].toLowerCase());
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) return refuse('member-twice', twice);
  }
  return accept(members);
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
