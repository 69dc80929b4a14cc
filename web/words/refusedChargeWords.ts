import type { Language } from './Language.ts';

type InBoth = Readonly<Record<Language, string>>;

const notYours: InBoth = {
  de: 'Die Abrechnung nennt ein anderes Zertifikat oder Angebot als das, dem Sie zugestimmt haben.',
  en: 'The bill names another certificate or offer than the one you agreed to.',
};
const badMeter: InBoth = {
  de: 'Der Zähler bestätigt diese Abrechnung nicht.',
  en: 'The meter does not bear this bill out.',
};
const overCertificate: InBoth = {
  de: 'Die Abrechnung ging über das hinaus, was Ihr Zertifikat erlaubt.',
  en: 'The bill went beyond what your certificate allows.',
};
const wrongTime: InBoth = {
  de: 'Die Zeiten der Ladung passen nicht zueinander.',
  en: 'The times of the charge do not fit together.',
};
const notValid: InBoth = {
  de: 'Das Zertifikat galt nicht, als die Ladung begann.',
  en: 'The certificate was not valid when the charge began.',
};
const betweenProviders: InBoth = {
  de: 'Die Anbieter haben diese Ladung nicht anerkannt.',
  en: 'The providers have not recognised this charge.',
};

/**
 * Why a charge is on no bill, for the driver: what a provider refuses of a station's account. Names that the
 * app speaks itself are in `refusalWords`.
 */
export const refusedChargeWords: Readonly<Record<string, InBoth>> = {
  'credit-mismatch': {
    de: 'Die Gutschrift für abgegebenen Strom war falsch berechnet.',
    en: 'The credit for energy given back was computed wrongly.',
  },
  'invalid-readings': {
    de: 'Die Messwerte der Ladung sind unvollständig oder widersprüchlich.',
    en: 'The readings of the charge are incomplete or contradictory.',
  },
  'session-not-priceable': {
    de: 'Für diese Ladung lässt sich kein Preis berechnen.',
    en: 'No price can be worked out for this charge.',
  },
  'discharge-not-authorized': {
    de: 'Ihrem Auto wurde Strom entnommen, ohne dass Sie das erlaubt hatten.',
    en: 'Energy was taken from your car without your consent.',
  },
  'authorization-replayed': {
    de: 'Dieselbe Freigabe wurde zweimal abgerechnet. Sie zahlen sie nur einmal.',
    en: 'The same authorization was billed twice. You pay it only once.',
  },
  'handed-in-too-late': {
    de: 'Die Abrechnung kam zu spät.',
    en: 'The bill came too late.',
  },
  'driver-certificate-revoked': {
    de: 'Dieser Zugang war schon gesperrt, als die Ladung begann.',
    en: 'This access had been revoked before the charge began.',
  },
  'station-certificate-revoked': {
    de: 'Die Ladesäule war schon gesperrt, als die Ladung begann.',
    en: 'The station had been revoked before the charge began.',
  },
  ...of(notYours, [
    'emaid-not-of-provider',
    'bad-evse-id',
    'authorization-not-of-driver-certificate',
    'authorization-not-of-station',
    'authorization-not-of-offer',
    'cdr-not-of-authorization',
    'cdr-not-of-station',
  ]),
  ...of(badMeter, [
    'not-ocmf',
    'unknown-meter-key',
    'malformed-meter-signature',
    'bad-meter-signature',
    'malformed-meter-record',
    'meter-status-not-good',
    'meter-error-flags',
    'meter-record-incomplete',
    'meter-register-missing',
    'meter-register-falls',
    'meter-record-of-another-session',
    'meter-record-of-another-point',
    'meter-times-differ',
    'meter-not-billable',
    'meter-clock-not-billable',
  ]),
  ...of(overCertificate, [
    'energy-bound-over-certificate',
    'amount-bound-over-certificate',
    'discharge-not-certified',
  ]),
  ...of(wrongTime, ['authorized-before-offer', 'started-before-authorized']),
  ...of(notValid, ['driver-certificate-not-yet-valid', 'driver-certificate-expired']),
  ...of(betweenProviders, [
    'station-not-ours',
    'driver-not-ours',
    'station-not-of-peer',
    'wrong-currency',
    'driver-certificate-not-issued',
    'no-agreement',
    'debtor-not-liable',
  ]),
};

function of(words: InBoth, names: readonly string[]): Readonly<Record<string, InBoth>> {
  return Object.fromEntries(names.map((name) => [name, words]));
}
