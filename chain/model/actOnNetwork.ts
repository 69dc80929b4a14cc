import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { ChainRefusal } from '../ChainRefusal.ts';
import { claim, settle } from './actClearing.ts';
import { addKey, execute, propose, retireKey, setUrl, vote } from './actConsortium.ts';
import {
  anchorHandIn,
  anchorRevocations,
  demandRecord,
  objectMeter,
  objectRevoked,
  objectSettled,
  payForced,
  raise,
  showRecord,
} from './actForcedClaims.ts';
import { acceptAgreement, giveNotice, proposeAgreement } from './actPeering.ts';
import {
  approve,
  beginPayment,
  cancelRedemption,
  confirmReceipt,
  markPaid,
  permit,
  requestRedemption,
  requestRedemptionFor,
  transfer,
  transferFrom,
} from './actToken.ts';
import type { Network, NetworkCall } from './Network.ts';

/**
 * What the contracts must make of a call in a block of the time `now`: the network after it, or the refusal, and then
 * nothing has changed. Written from the rules in the interfaces' words (docs/contracts.md), not from the code.
 */
export function actOnNetwork(
  network: Network,
  call: NetworkCall,
  now: number,
): Result<Network, ChainRefusal> {
  const next = structuredClone(network);
  const refused = perform(next, call, now);
  return refused === null ? accept(next) : refuse(refused, call.name);
}

function perform(network: Network, call: NetworkCall, now: number): ChainRefusal | null {
  switch (call.name) {
    case 'propose':
      return propose(network, call, now);
    case 'vote':
      return vote(network, call, now);
    case 'execute':
      return execute(network, call, now);
    case 'addKey':
      return addKey(network, call, now);
    case 'retireKey':
      return retireKey(network, call, now);
    case 'setUrl':
      return setUrl(network, call);
    case 'proposeAgreement':
      return proposeAgreement(network, call, now);
    case 'acceptAgreement':
      return acceptAgreement(network, call, now);
    case 'giveNotice':
      return giveNotice(network, call, now);
    case 'settle':
      return settle(network, call, now);
    case 'claim':
      return claim(network, call, now);
    case 'bookForced':
    case 'bookDisputeFee':
      return 'not-forced-claims';
    case 'issue':
      return 'not-clearing';
    case 'setIssuanceLimit':
      return 'not-consortium';
    case 'transfer':
      return transfer(network, call, now);
    case 'approve':
      return approve(network, call);
    case 'transferFrom':
      return transferFrom(network, call, now);
    case 'permit':
      return permit(network, call, now);
    case 'requestRedemption':
      return requestRedemption(network, call, now);
    case 'requestRedemptionFor':
      return requestRedemptionFor(network, call, now);
    case 'beginPayment':
      return beginPayment(network, call, now);
    case 'cancelRedemption':
      return cancelRedemption(network, call, now);
    case 'markPaid':
      return markPaid(network, call, now);
    case 'raise':
      return raise(network, call, now);
    case 'payForced':
      return payForced(network, call, now);
    case 'objectSettled':
      return objectSettled(network, call, now);
    case 'objectRevoked':
      return objectRevoked(network, call, now);
    case 'objectMeter':
      return objectMeter(network, call, now);
    case 'demandRecord':
      return demandRecord(network, call, now);
    case 'showRecord':
      return showRecord(network, call, now);
    case 'anchorHandIn':
      return anchorHandIn(network, call, now);
    case 'anchorRevocations':
      return anchorRevocations(network, call, now);
    case 'confirmReceipt':
      return confirmReceipt(network, call, now);
  }
}
