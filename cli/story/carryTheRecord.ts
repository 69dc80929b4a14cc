import { insist } from '../insist.ts';
import { printHash } from '../printUnits.ts';
import type { Receipt } from './Phone.ts';
import { type Stage, waitFor } from './Stage.ts';

/** Chapter 2: Cem's phone carries the sealed record to B, twice; B books it and hands it to A, which accepts. */
export async function carryTheRecord(stage: Stage, receipt: Receipt): Promise<void> {
  const { page, anna, cem, garage } = stage;
  const { cdrId } = receipt.facts;
  page.section('2  A stranger carries the record');
  page.line('Days later Cem parks in the garage. His phone takes along what it cannot read:');
  const segments = insist(await cem.collect(garage.linkUrl), 'collecting');
  for (const { header, ciphertext } of segments)
    page.fact('sealed', `${header.count} record for ${header.providerId}, ${ciphertext.length} characters`);
  const sealed = JSON.stringify(segments);
  const secrets = [receipt.facts.emaid, receipt.evidence.meterRecord.slice(5, 60), cdrId.slice(2)];
  page.check(!secrets.some((secret) => sealed.includes(secret)), 'nothing of the charge is readable in it');

  const first = insist(await cem.provider.handIn(segments, { provisions: true }), 'POST /hand-in').results;
  const outcome = first.flatMap(({ outcomes }) => outcomes).find((one) => one.cdrId === cdrId);
  page.check(
    outcome?.outcome === 'accepted',
    `${cem.network.name} opens it, checks the evidence and books it`,
  );
  const second = insist(await cem.provider.handIn(segments), 'POST /hand-in').results;
  const again = second.flatMap(({ outcomes }) => outcomes).find((one) => one.cdrId === cdrId);
  page.check(
    again?.outcome === 'already-known',
    'brought a second time it is known already, and changes nothing',
  );

  const acknowledgements = first.flatMap(({ acknowledgement }) => acknowledgement ?? []);
  const [provision] = first.flatMap((result) => result.provision ?? []);
  const brought = provision === undefined ? {} : { provision };
  const taken = insist(await cem.deliver(garage.linkUrl, acknowledgements, brought), 'delivering');
  page.check(
    taken.acknowledged >= 1,
    `on his next visit the station has ${cem.network.name}'s signed acknowledgement, and lets go of the record`,
  );
  page.check(
    provision !== undefined && taken.provisionRefusal === undefined,
    'with it came, signed for this station, its tariff and certificate as they are now',
  );
  const charges = await waitFor(
    'handing to the driver’s provider',
    () => anna.provider.charges(),
    (answer) => answer.charges.some((charge) => charge.cdrId === cdrId),
  );
  const mine = charges.charges.filter((charge) => charge.cdrId === cdrId);
  page.check(
    mine.length === 1 && mine[0]?.chargeMicro === receipt.facts.chargeMicro,
    `${anna.network.name} has checked it too and accepted it, once (${printHash(cdrId)})`,
  );
}
