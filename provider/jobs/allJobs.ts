import { bankEntriesJob } from '../bank/takeNotification.ts';
import { closePeriodsJob } from '../clearing/closeDuePeriods.ts';
import { clearingJob } from '../clearing/closePeriod.ts';
import { anchorsJob, disputesJob } from '../disputes/disputesJob.ts';
import { retryRefusedJob } from '../intake/retryRefused.ts';
import { nettingJob } from '../netting/announceRounds.ts';
import { redemptionJob } from '../operators/redemptions.ts';
import { deliverEvidenceJob } from '../peers/deliverEvidence.ts';
import { signalsJob } from '../signals/followSignals.ts';
import { followPeersJob } from '../trust/followPeers.ts';
import type { Job } from './Job.ts';

/** All that every provider does in the background. */
export const allJobs: readonly Job[] = [
  followPeersJob,
  signalsJob,
  deliverEvidenceJob,
  closePeriodsJob,
  clearingJob,
  disputesJob,
  anchorsJob,
  redemptionJob,
  nettingJob,
  bankEntriesJob,
  retryRefusedJob,
];
