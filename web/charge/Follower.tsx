import { keyId } from '@p2p-power/protocol/KeyId';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { useEffect } from 'react';
import { useServices } from '../app/AppServices.ts';
import { useObservable } from '../store/Observable.ts';
import { type ChargeRecord, isOpen } from './ChargeRecord.ts';
import { lookAtCharge } from './followCharge.ts';

const nearMs = 1_500;
const farMs = 4_000;

/** Follows every open charge of this phone, whatever page is shown; draws nothing. */
export function Follower() {
  const { charges } = useServices();
  const open = useObservable(charges).filter(isOpen);
  return open.map(({ authorizationId }) => (
    <Followed key={authorizationId} authorizationId={authorizationId} />
  ));
}

function Followed({ authorizationId }: { readonly authorizationId: ChargeRecord['authorizationId'] }) {
  const services = useServices();
  useEffect(() => {
    const { charges, lost, linkTo, saveCharge, carryFor } = services;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const mark = (isLost: boolean) => {
      const marked = new Set(lost.get());
      if (marked.has(authorizationId) === isLost) return;
      if (isLost) marked.add(authorizationId);
      else marked.delete(authorizationId);
      lost.set(marked);
    };
    const look = async () => {
      const record = charges.get().find((charge) => charge.authorizationId === authorizationId);
      if (record === undefined || !isOpen(record)) return;
      const link = linkTo(record.linkUrl);
      const { record: looked, isReached } = await lookAtCharge(link, record);
      if (isOver) return;
      mark(!isReached);
      if (looked !== record) await saveCharge(looked);
      if (looked.evidence !== undefined) {
        const { value } = looked.evidence.stationCertificate;
        await carryFor(link, value.providerId, {
          certificateId: StationCertificate.id(looked.networkId, value),
          keyId: keyId(value.publicKey),
          trustListIssuedAt: Number.MAX_SAFE_INTEGER,
        });
      }
      if (!isOver) timer = setTimeout(look, isReached ? nearMs : farMs);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [services, authorizationId]);
  return null;
}
