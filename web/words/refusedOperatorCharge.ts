import type { Language } from './Language.ts';
import { refusalInWords } from './refusalWords.ts';

/** Where what is said to the driver would be wrong said to the operator. */
const toOperators: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'authorization-replayed': {
    de: 'Dieselbe Freigabe war schon abgerechnet.',
    en: 'The same authorization was billed already.',
  },
  'driver-certificate-revoked': {
    de: 'Die Ladeberechtigung des Fahrers war schon gesperrt.',
    en: 'The driver’s permission to charge had been revoked already.',
  },
  'station-certificate-revoked': {
    de: 'Das Zertifikat der Säule war schon zurückgenommen.',
    en: 'The station’s certificate had been taken back already.',
  },
  'handed-in-too-late': {
    de: 'Die Abrechnung kam später an, als die Anbieter vereinbart haben.',
    en: 'The bill came later than the providers agreed.',
  },
  'discharge-not-authorized': {
    de: 'Dem Auto wurde Strom entnommen, ohne dass der Fahrer es erlaubt hatte.',
    en: 'Energy was taken from the car without the driver’s consent.',
  },
  'charge-over-bound': {
    de: 'Der Betrag übersteigt, was der Fahrer erlaubt hat.',
    en: 'The amount is above what the driver allowed.',
  },
  'energy-over-bound': {
    de: 'Die Energie übersteigt, was der Fahrer erlaubt hat.',
    en: 'The energy is above what the driver allowed.',
  },
  'offer-expired': {
    de: 'Das Angebot der Säule war schon abgelaufen.',
    en: 'The station’s offer had run out already.',
  },
  'unknown-station-provider': {
    de: 'Der Anbieter des Fahrers kennt den Anbieter der Säule nicht.',
    en: 'The driver’s provider does not know the station’s provider.',
  },
  'bad-station-certificate-signature': {
    de: 'Das Zertifikat der Säule ist nicht echt.',
    en: 'The station’s certificate is not genuine.',
  },
  'wrong-currency': {
    de: 'Der Anbieter des Fahrers rechnet in einer anderen Währung.',
    en: 'The driver’s provider bills in another currency.',
  },
};

const notOfAgreement: Readonly<Record<Language, string>> = {
  de: 'Die Abrechnung nennt ein anderes Zertifikat oder Angebot als das, dem der Fahrer zugestimmt hat.',
  en: 'The bill names another certificate or offer than the one the driver agreed to.',
};
const overCertificate: Readonly<Record<Language, string>> = {
  de: 'Die Abrechnung geht über das hinaus, was das Zertifikat des Fahrers erlaubt.',
  en: 'The bill goes beyond what the driver’s certificate allows.',
};
const notOfAgreementNames = [
  'emaid-not-of-provider',
  'bad-evse-id',
  'authorization-not-of-driver-certificate',
  'authorization-not-of-station',
  'authorization-not-of-offer',
  'cdr-not-of-authorization',
  'cdr-not-of-station',
];
const overCertificateNames = [
  'energy-bound-over-certificate',
  'amount-bound-over-certificate',
  'discharge-not-certified',
];

/** Why the driver's provider does not pay for a charge, in words for its operator. */
export function refusedOperatorCharge(refusal: string, detail: string, language: Language): string {
  const own =
    toOperators[refusal] ??
    (notOfAgreementNames.includes(refusal) ? notOfAgreement : undefined) ??
    (overCertificateNames.includes(refusal) ? overCertificate : undefined);
  return own?.[language] ?? refusalInWords(refusal, detail, language);
}
