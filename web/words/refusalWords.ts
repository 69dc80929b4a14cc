import type { Language } from './Language.ts';
import { refusedAccountWords } from './refusedAccountWords.ts';
import { refusedChargeWords } from './refusedChargeWords.ts';
import { refusedPriceWords } from './refusedPriceWords.ts';
import { refusedSignalWords } from './refusedSignalWords.ts';

type InBoth = Readonly<Record<Language, string>>;

/** What refusals that the app itself speaks mean for the driver; the name stands beside it. */
const wordsByName: Readonly<Record<string, InBoth>> = {
  ...refusedChargeWords,
  ...refusedPriceWords,
  ...refusedSignalWords,
  ...refusedAccountWords,
  'no-connection': {
    de: 'Die Ladesäule antwortet nicht. Ist das Telefon in ihrem Netz?',
    en: 'The station does not answer. Is the phone in its network?',
  },
  'no-answer': {
    de: 'Die Ladesäule hat nicht rechtzeitig geantwortet.',
    en: 'The station did not answer in time.',
  },
  'malformed-answer': {
    de: 'Die Antwort ist unverständlich.',
    en: 'The answer makes no sense.',
  },
  'provider-unreachable': {
    de: 'Ihr Anbieter ist gerade nicht erreichbar.',
    en: 'Your provider cannot be reached right now.',
  },
  'provider-faulty': {
    de: 'Bei Ihrem Anbieter ist etwas schiefgegangen.',
    en: 'Something went wrong at your provider.',
  },
  'malformed-network': {
    de: 'Die Angaben des Anbieters sind unverständlich.',
    en: 'What the provider says of itself makes no sense.',
  },
  'not-signed-in': { de: 'Bitte zuerst anmelden.', en: 'Please sign in first.' },
  'wrong-network': {
    de: 'Diese Ladesäule gehört zu einem anderen Netz.',
    en: 'This station belongs to another network.',
  },
  'unknown-station-provider': {
    de: 'Der Anbieter dieser Ladesäule ist unbekannt. Mit Internet noch einmal versuchen.',
    en: 'The provider of this station is unknown. Try again with internet.',
  },
  'unknown-driver-provider': {
    de: 'Der Anbieter des Fahrers ist unbekannt.',
    en: 'The driver’s provider is unknown.',
  },
  'bad-station-certificate-signature': {
    de: 'Das Zertifikat der Ladesäule ist nicht echt. Hier bitte nicht laden.',
    en: 'The station’s certificate is not genuine. Please do not charge here.',
  },
  'bad-driver-certificate-signature': {
    de: 'Das Zertifikat des Fahrers ist nicht echt.',
    en: 'The driver’s certificate is not genuine.',
  },
  'station-certificate-not-yet-valid': {
    de: 'Das Zertifikat der Ladesäule gilt noch nicht.',
    en: 'The station’s certificate is not valid yet.',
  },
  'station-certificate-expired': {
    de: 'Das Zertifikat der Ladesäule ist abgelaufen.',
    en: 'The station’s certificate has expired.',
  },
  'offer-not-of-station': {
    de: 'Das Angebot gehört zu einer anderen Ladesäule.',
    en: 'The offer belongs to another station.',
  },
  'bad-offer-signature': {
    de: 'Das Angebot ist nicht von dieser Ladesäule unterschrieben.',
    en: 'The offer is not signed by this station.',
  },
  'tariff-mismatch': {
    de: 'Der gezeigte Tarif ist nicht der unterschriebene.',
    en: 'The tariff shown is not the one that was signed.',
  },
  'currency-mismatch': {
    de: 'Tarif und Angebot nennen verschiedene Währungen.',
    en: 'Tariff and offer name different currencies.',
  },
  'unknown-prices': {
    de: 'Das Angebot nennt Preise, die die Säule nicht mitgibt.',
    en: 'The offer names prices that the station does not hand over.',
  },
  'prices-mismatch': {
    de: 'Die Preise sind nicht die, die das Angebot nennt.',
    en: 'The prices are not those that the offer names.',
  },
  'prices-over-tariff': {
    de: 'Ein Preis liegt über dem, was der Tarif höchstens verlangt.',
    en: 'A price is above the most that the tariff asks.',
  },
  'no-fresh-price': {
    de: 'Die Säule hat keine aktuellen Preise und der Betreiber keinen Ersatzpreis. Gerade kann hier nicht geladen werden.',
    en: 'The station has no fresh prices and the operator no fallback price. Nobody can charge here right now.',
  },
  'offer-expired': {
    de: 'Das Angebot ist abgelaufen. Bitte ein neues holen.',
    en: 'The offer has run out. Please get a new one.',
  },
  'unknown-time-zone': {
    de: 'Die Ladesäule nennt eine Zeitzone, die es nicht gibt: ihr Preis lässt sich nicht ausrechnen.',
    en: 'The station names a time zone that does not exist: its price cannot be worked out.',
  },
  'clocks-differ': {
    de: 'Die Uhren von Telefon und Ladesäule gehen zu weit auseinander.',
    en: 'The clocks of phone and station differ too much.',
  },
  'another-point': {
    de: 'Das ist ein anderer Ladepunkt als der gewählte.',
    en: 'This is another point than the one you chose.',
  },
  'no-certificate': {
    de: 'Zum Laden einmal bei Ihrem Stromanbieter anmelden.',
    en: 'To charge, sign in with your electricity provider once.',
  },
  'certificate-expired': {
    de: 'Ihre Ladeberechtigung ist abgelaufen. Einmal mit Internet öffnen, dann wird sie erneuert.',
    en: 'Your permission to charge has expired. Open the app with internet once and it is renewed.',
  },
  'certificate-not-yet-valid': {
    de: 'Ihre Ladeberechtigung gilt noch nicht. Geht die Uhr des Telefons richtig?',
    en: 'Your permission to charge is not valid yet. Is the phone’s clock right?',
  },
  'certificate-mismatch': {
    de: 'Die Ladeberechtigung ist für einen anderen Schlüssel.',
    en: 'The permission to charge is for another key.',
  },
  'bad-certificate-signature': {
    de: 'Die Ladeberechtigung ist nicht echt.',
    en: 'The permission to charge is not genuine.',
  },
  'certificate-revoked': {
    de: 'Ihr Anbieter hat diese Ladeberechtigung zurückgezogen.',
    en: 'Your provider has revoked this permission to charge.',
  },
  'session-running': { de: 'Hier läuft schon eine andere Ladung.', en: 'Another charge is running here.' },
  'session-unknown': {
    de: 'Diese Ladung kennt die Ladesäule nicht.',
    en: 'The station knows no such charge.',
  },
  'session-not-ended': {
    de: 'Die Ladung läuft noch; den Beleg gibt es am Ende.',
    en: 'The charge has not ended yet; the receipt comes with its end.',
  },
  'no-valid-tariff': {
    de: 'Für diesen Ladepunkt gilt gerade kein Preis. Bitte einen anderen wählen.',
    en: 'The price of this point is not in force at this time. Please choose another one.',
  },
  'no-charge': {
    de: 'Es wurde kein Auto angeschlossen: nichts geladen, nichts zu bezahlen.',
    en: 'No car was connected: nothing was charged and nothing is owed.',
  },
  'station-out-of-order': {
    de: 'Die Ladesäule ist außer Betrieb. Bitte eine andere wählen.',
    en: 'The station is out of order. Please choose another one.',
  },
  'trust-list-too-old': {
    de: 'Die Ladesäule hat zu lange nichts von ihrem Anbieter gehört.',
    en: 'The station has not heard from its provider for too long.',
  },
  'bad-cdr-signature': {
    de: 'Die Abrechnung ist nicht von der Ladesäule unterschrieben.',
    en: 'The charge record is not signed by the station.',
  },
  'bad-authorization-signature': {
    de: 'Die Zustimmung ist nicht vom Fahrer unterschrieben.',
    en: 'The consent is not signed by the driver.',
  },
  'charge-mismatch': {
    de: 'Der Betrag ist nicht der, den der Tarif für diese Ladung ergibt.',
    en: 'The amount is not what the tariff gives for this charge.',
  },
  'charge-over-bound': {
    de: 'Der Betrag übersteigt Ihre Grenze.',
    en: 'The amount is above your limit.',
  },
  'energy-over-bound': {
    de: 'Die Energie übersteigt Ihre Grenze.',
    en: 'The energy is above your limit.',
  },
  'readings-hash-mismatch': {
    de: 'Die Messwerte sind nicht die der Abrechnung.',
    en: 'The readings are not those of the charge record.',
  },
  'readings-do-not-add-up': {
    de: 'Zeit oder Energie passen nicht zu den Messwerten.',
    en: 'Time or energy do not fit the readings.',
  },
  'meter-record-hash-mismatch': {
    de: 'Der Messdatensatz ist nicht der dieser Abrechnung.',
    en: 'The meter record is not the one of this charge record.',
  },
  'meter-key-mismatch': {
    de: 'Der Schlüssel des Zählers ist nicht der beglaubigte.',
    en: 'The meter’s key is not the certified one.',
  },
  'meter-registers-differ': {
    de: 'Der Zählerstand passt nicht zur Abrechnung.',
    en: 'The meter’s registers do not fit the charge record.',
  },
  'not-an-address': {
    de: 'Das ist keine Adresse einer Ladesäule.',
    en: 'This is not the address of a station.',
  },
  'not-an-operator': {
    de: 'Dieses Konto gehört zu keinem Betreiber.',
    en: 'This account belongs to no operator.',
  },
  'access-token-invalid': {
    de: 'Die Anmeldung gilt nicht mehr. Bitte neu anmelden.',
    en: 'The sign-in is not valid any more. Please sign in again.',
  },
  'account-closed': {
    de: 'Ihr Anbieter hat dieses Konto geschlossen.',
    en: 'Your provider has closed this account.',
  },
  'account-not-kept': {
    de: 'Den Schlüssel dieses Kontos haben Sie selbst; bitte mit der eigenen Wallet.',
    en: 'You keep this account’s key yourself; please use your own wallet.',
  },
  'message-too-long': {
    de: 'Die Nachricht ist der Ladesäule zu lang.',
    en: 'The message is too long for the station.',
  },
  'not-a-message': {
    de: 'Die Ladesäule versteht die App nicht. Bitte die App aktualisieren.',
    en: 'The station does not understand the app. Please update the app.',
  },
  'unknown-message': {
    de: 'Die Ladesäule versteht die App nicht. Bitte die App aktualisieren.',
    en: 'The station does not understand the app. Please update the app.',
  },
  'malformed-message': {
    de: 'Die Ladesäule versteht die App nicht. Bitte die App aktualisieren.',
    en: 'The station does not understand the app. Please update the app.',
  },
  'unknown-version': {
    de: 'App und Ladesäule sprechen verschiedene Versionen. Bitte die App aktualisieren.',
    en: 'App and station speak different versions. Please update the app.',
  },
  'authorization-replayed': {
    de: 'Diese Freigabe wurde schon benutzt. Bitte neu freischalten.',
    en: 'This permission was used before. Please unlock again.',
  },
  'unknown-provider': {
    de: 'Die Ladesäule kennt Ihren Stromanbieter nicht.',
    en: 'The station does not know your electricity provider.',
  },
  'unknown-issuer-key': {
    de: 'Die Ladesäule kennt den Schlüssel Ihres Anbieters noch nicht. Mit Internet öffnen: die App bringt ihn ihr.',
    en: 'The station does not know your provider’s key yet. Open the app with internet: it brings the key along.',
  },
  'emaid-mismatch': {
    de: 'Die Vertragsnummer gehört nicht zu Ihrem Anbieter.',
    en: 'The contract number is not one of your provider.',
  },
  'wrong-station': {
    de: 'Die Freigabe gilt für einen anderen Ladepunkt.',
    en: 'The permission is for another charging point.',
  },
  'offer-unknown': {
    de: 'Die Ladesäule kennt dieses Angebot nicht mehr. Bitte ein neues holen.',
    en: 'The station does not know this offer any more. Please get a new one.',
  },
  'clock-skew': {
    de: 'Die Uhren von Telefon und Ladesäule gehen mehr als zwei Minuten auseinander.',
    en: 'The clocks of phone and station differ by more than two minutes.',
  },
  'zero-bounds': {
    de: 'Die Grenzen erlauben keine Energie oder keinen Betrag.',
    en: 'The limits allow no energy or no money.',
  },
  'bounds-above-certificate': {
    de: 'Die Grenzen übersteigen, was Ihr Anbieter je Ladung erlaubt.',
    en: 'The limits are above what your provider allows in one charge.',
  },
  'bounds-below-price': {
    de: 'Der erlaubte Betrag deckt nicht einmal den Grundpreis.',
    en: 'The amount you allow does not even cover the base fee.',
  },
  'leave-time-past': {
    de: 'Die gewünschte Abfahrtszeit ist schon vorbei.',
    en: 'The time you want to leave has passed already.',
  },
  'discharge-not-available': {
    de: 'Dieser Ladepunkt kann keine Energie aus dem Auto aufnehmen.',
    en: 'This point cannot take energy back from a car.',
  },
  'journal-full': {
    de: 'Der Speicher der Ladesäule ist voll. Jedes Telefon mit der App kann ihre Belege mitnehmen.',
    en: 'The station’s memory is full. Any phone with the app can take its records along.',
  },
  'bad-stop-signature': {
    de: 'Nur wer die Ladung begonnen hat, kann sie von hier beenden.',
    en: 'Only who began the charge can end it from here.',
  },
  'stop-too-old': {
    de: 'Die Bitte um das Ende kam zu spät an, oder eine Uhr geht falsch.',
    en: 'The request to stop came too late, or a clock is wrong.',
  },
  'too-many-requests': {
    de: 'Zu viele Nachrichten. Bitte kurz warten.',
    en: 'Too many messages. Please wait a moment.',
  },
  'sign-in-unreachable': {
    de: 'Die Anmeldung ist gerade nicht erreichbar.',
    en: 'The sign-in cannot be reached right now.',
  },
  'sign-in-refused': {
    de: 'Die Anmeldung wurde abgebrochen oder abgelehnt.',
    en: 'The sign-in was broken off or refused.',
  },
  'sign-in-failed': {
    de: 'Die Anmeldung ist nicht gelungen. Bitte noch einmal versuchen.',
    en: 'Signing in did not work. Please try again.',
  },
  'point-unknown': {
    de: 'Diesen Ladepunkt kennt Ihr Anbieter nicht.',
    en: 'Your provider does not know this point.',
  },
};

/** Names that the app has words of its own for. */
export const knownRefusals: readonly string[] = Object.keys(wordsByName);

/** A refusal in words: ours, else those that came with it, else its name. */
export function refusalInWords(refusal: string, detail: string, language: Language): string {
  return wordsByName[refusal]?.[language] ?? (detail === '' ? refusal : detail);
}

/** Why a charge is on no bill, in words for its driver: of names that stations use too, what became of the charge. */
export function refusedChargeInWords(refusal: string, detail: string, language: Language): string {
  return refusedChargeWords[refusal]?.[language] ?? refusalInWords(refusal, detail, language);
}
