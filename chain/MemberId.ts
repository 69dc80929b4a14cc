import { type Hex, hexToBytes, isHex, stringToHex } from 'viem';

/** Whether the text is a party id as OCPI and eMI3 write it together: ISO country and party, `DEAAA`. */
export function isPartyId(text: string): boolean {
  return /^[A-Z]{2}[A-Z0-9]{3}$/.test(text);
}

/**
 * The member id of a party on the chain: its ASCII, padded with zeros on the right to 32 bytes.
 *
 * Throws if the text is not a party id: what people type is to be checked with `isPartyId` first.
 */
export function encodeMemberId(partyId: string): Hex {
  if (!isPartyId(partyId)) throw new Error(`not a party id: ${JSON.stringify(partyId)}`);
  return stringToHex(partyId, { size: 32 });
}

/** The party id in a member id. Throws if there is none. */
export function decodeMemberId(memberId: Hex): string {
  if (!isHex(memberId) || memberId.length !== 66) throw new Error(`not a member id: ${memberId}`);
  const partyId = String.fromCharCode(...hexToBytes(memberId).subarray(0, 5));
  if (!isPartyId(partyId) || !/^0*$/.test(memberId.slice(12)))
    throw new Error(`not a member id: ${memberId}`);
  return partyId;
}
