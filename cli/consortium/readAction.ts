import type { ConsortiumAction } from '@p2p-power/chain/Consortium';
import { parseDeployment } from '@p2p-power/chain/Deployment';
import { parseFoundingMembers } from '@p2p-power/chain/FoundingMembers';
import { encodeMemberId, isPartyId } from '@p2p-power/chain/MemberId';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { Complaint } from '../Complaint.ts';
import { readJsonFile } from '../readJsonFile.ts';

/** The actions as the command line names them, with what each needs. */
export const actionUsage = `
  admit FILE                       JSON: one founding member, as in p2p-power chain found --help
  remove PROVIDER                  no voice and no new debts; what it owes it still owes
  suspend PROVIDER, reinstate PROVIDER
  rotate-account PROVIDER ACCOUNT  for who lost the key of its account
  set-issuance-limit PROVIDER MICRO
  set-time-zone NAME FROM OFFSET_S none|european-union
  close-token                      the token ends in a week
  name-successor FILE              the deployment file of the successor`;

function complain(what: string): never {
  throw new Complaint(`${what}.`, 'p2p-power consortium propose --help shows all actions.');
}

function expect<Value>(value: Value | null, what: string): Value {
  return value ?? complain(what);
}

const memberOf = (text: string | undefined) =>
  encodeMemberId(
    expect(
      text !== undefined && isPartyId(text) ? text : null,
      `${text ?? 'nothing'} is no provider id, such as DEAAA`,
    ),
  );

const wholeOf = (text: string | undefined) =>
  BigInt(
    expect(
      text !== undefined && /^(0|[1-9]\d{0,30})$/.test(text) ? text : null,
      `${text ?? 'nothing'} is no whole number`,
    ),
  );

/** What the arguments propose; complains of what is not understood. */
export function readAction(kind: string, args: readonly string[]): ConsortiumAction {
  const [first, second, third, fourth] = args;
  switch (kind) {
    case 'remove':
    case 'suspend':
    case 'reinstate':
      return { kind, memberId: memberOf(first) };
    case 'rotate-account':
      return {
        kind,
        memberId: memberOf(first),
        account: expect(isHex(second, 20) ? (second as Hex) : null, `${second ?? 'nothing'} is no account`),
      };
    case 'set-issuance-limit':
      return { kind, memberId: memberOf(first), limitMicro: wholeOf(second) };
    case 'set-time-zone': {
      const daylightSaving =
        fourth === 'none' || fourth === 'european-union'
          ? fourth
          : complain(`${fourth ?? 'nothing'} is no rule of daylight saving`);
      const zone = expect(first ?? null, 'the zone is missing');
      const offset = expect(
        /^-?\d{1,5}$/.test(third ?? '') ? Number(third) : null,
        `${third} are no seconds`,
      );
      return {
        kind,
        rule: { zone, from: Number(wholeOf(second)), standardOffsetS: offset, daylightSaving },
      };
    }
    case 'admit': {
      const members = parseFoundingMembers([readJsonFile(expect(first ?? null, 'the file is missing'))]);
      if (!members.ok)
        throw new Complaint(`The member: ${members.detail}.`, 'p2p-power chain found --help shows it.');
      const [member] = members.value;
      const { memberId, account, url, keys } = expect(member ?? null, 'there is no member in the file');
      return { kind, candidate: { memberId, account, url, keys } };
    }
    case 'close-token':
      return { kind };
    case 'name-successor': {
      const deployment = parseDeployment(readJsonFile(expect(first ?? null, 'the file is missing')));
      if (!deployment.ok)
        throw new Complaint(`${first} is no deployment file: ${deployment.detail}.`, 'Name it.');
      return { kind, successor: deployment.value.chargeToken };
    }
    default:
      return complain(`${kind} is nothing that the members decide on`);
  }
}
