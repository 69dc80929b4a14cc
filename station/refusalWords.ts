import type { StationRefusal } from './AuthorizationRefusal.ts';

/** Languages that a station speaks to the driver. */
export type Language = 'en' | 'de';

/** What a refusal means for the driver, and what to do now. */
export const refusalWords: Readonly<Record<StationRefusal, Readonly<Record<Language, string>>>> = {
  'message-too-long': {
    en: 'The message is too long for this station.',
    de: 'Die Nachricht ist zu lang für diese Ladesäule.',
  },
  'not-a-message': {
    en: 'The station does not understand this message. Please update the app.',
    de: 'Die Ladesäule versteht diese Nachricht nicht. Bitte die App aktualisieren.',
  },
  'unknown-message': {
    en: 'The station does not know this kind of message. Please update the app.',
    de: 'Diese Art Nachricht kennt die Ladesäule nicht. Bitte die App aktualisieren.',
  },
  'unknown-version': {
    en: 'App and station speak different versions. Please update the app.',
    de: 'App und Ladesäule sprechen verschiedene Versionen. Bitte die App aktualisieren.',
  },
  'malformed-message': {
    en: 'The message is incomplete or malformed. Please update the app.',
    de: 'Die Nachricht ist unvollständig oder fehlerhaft. Bitte die App aktualisieren.',
  },
  'authorization-replayed': {
    en: 'This permission was used before. Please start a new charge in the app.',
    de: 'Diese Freigabe wurde schon benutzt. Bitte in der App neu starten.',
  },
  'unknown-provider': {
    en: 'The station does not know your electricity provider.',
    de: 'Die Ladesäule kennt Ihren Stromanbieter nicht.',
  },
  'unknown-issuer-key': {
    en: 'The station does not know the key that your provider signed with. It needs a newer trust list.',
    de: 'Die Ladesäule kennt den Schlüssel Ihres Anbieters nicht. Sie braucht eine neuere Vertrauensliste.',
  },
  'bad-certificate-signature': {
    en: 'Your certificate is not genuine. Please renew it in the app.',
    de: 'Ihr Zertifikat ist nicht echt. Bitte in der App erneuern.',
  },
  'certificate-not-yet-valid': {
    en: 'Your certificate is not valid yet. Please check the clock of your phone.',
    de: 'Ihr Zertifikat gilt noch nicht. Bitte die Uhr des Telefons prüfen.',
  },
  'certificate-expired': {
    en: 'Your certificate has expired. Go online once so that the app renews it.',
    de: 'Ihr Zertifikat ist abgelaufen. Einmal online gehen, dann erneuert es die App.',
  },
  'certificate-revoked': {
    en: 'Your provider has revoked this certificate.',
    de: 'Ihr Anbieter hat dieses Zertifikat widerrufen.',
  },
  'trust-list-too-old': {
    en: 'The station has not heard from its provider for too long. A phone with a newer trust list can bring it one.',
    de: 'Die Ladesäule hat zu lange nichts von ihrem Anbieter gehört. Ein Telefon kann ihr eine neue Vertrauensliste bringen.',
  },
  'emaid-mismatch': {
    en: 'The contract number of your certificate is not one of your provider.',
    de: 'Die Vertragsnummer Ihres Zertifikats gehört nicht zu Ihrem Anbieter.',
  },
  'certificate-mismatch': {
    en: 'The permission was signed for another certificate.',
    de: 'Die Freigabe wurde für ein anderes Zertifikat unterschrieben.',
  },
  'wrong-station': {
    en: 'The permission is for another charging point.',
    de: 'Die Freigabe gilt für einen anderen Ladepunkt.',
  },
  'offer-unknown': {
    en: 'The station did not make this offer. Please ask for the price again.',
    de: 'Dieses Angebot stammt nicht von der Ladesäule. Bitte den Preis neu abfragen.',
  },
  'offer-expired': {
    en: 'The offer has run out. Please ask for the price again.',
    de: 'Das Angebot ist abgelaufen. Bitte den Preis neu abfragen.',
  },
  'bad-authorization-signature': {
    en: 'The signature does not match your certificate.',
    de: 'Die Unterschrift passt nicht zu Ihrem Zertifikat.',
  },
  'clock-skew': {
    en: 'The clocks of phone and station differ by more than two minutes.',
    de: 'Die Uhren von Telefon und Ladesäule gehen mehr als zwei Minuten auseinander.',
  },
  'zero-bounds': {
    en: 'The permission allows no energy or no money.',
    de: 'Die Freigabe erlaubt keine Energie oder keinen Betrag.',
  },
  'bounds-above-certificate': {
    en: 'The permission asks for more than your provider allows in one charge.',
    de: 'Die Freigabe übersteigt, was Ihr Anbieter je Ladung erlaubt.',
  },
  'bounds-below-price': {
    en: 'The amount you allow does not even cover the fee for a session.',
    de: 'Der erlaubte Betrag deckt nicht einmal die Grundgebühr.',
  },
  'leave-time-past': {
    en: 'The time you want to leave has passed already.',
    de: 'Die gewünschte Abfahrtszeit ist schon vorbei.',
  },
  'discharge-not-available': {
    en: 'This point cannot take energy back from a car.',
    de: 'Dieser Ladepunkt kann keine Energie aus dem Auto aufnehmen.',
  },
  'session-running': {
    en: 'Another charge is running here.',
    de: 'Hier läuft schon eine andere Ladung.',
  },
  'station-out-of-order': {
    en: 'The station is out of order. Please choose another one.',
    de: 'Die Ladesäule ist außer Betrieb. Bitte eine andere wählen.',
  },
  'journal-full': {
    en: 'The station’s memory is full of charges not yet handed in. Any phone with the app can carry them to its provider.',
    de: 'Der Speicher ist voll mit Ladungen, die noch abzugeben sind. Jedes Telefon mit der App kann sie mitnehmen.',
  },
  'no-valid-tariff': {
    en: 'The price of this point is not in force at this time. Please choose another one.',
    de: 'Für diesen Ladepunkt gilt gerade kein Preis. Bitte einen anderen wählen.',
  },
  'no-fresh-price': {
    en: 'This point knows no current price, so it cannot offer one. Please choose another one.',
    de: 'Dieser Ladepunkt kennt gerade keinen aktuellen Preis. Bitte einen anderen wählen.',
  },
  'session-unknown': {
    en: 'The station knows no such charge.',
    de: 'Diese Ladung kennt die Ladesäule nicht.',
  },
  'session-not-ended': {
    en: 'The charge has not ended yet; the receipt comes with its end.',
    de: 'Die Ladung läuft noch; den Beleg gibt es am Ende.',
  },
  'no-charge': {
    en: 'No car was connected: nothing was charged and nothing is owed.',
    de: 'Es wurde kein Auto angeschlossen: nichts geladen, nichts zu bezahlen.',
  },
  'bad-stop-signature': {
    en: 'Only the driver who started the charge can stop it from here.',
    de: 'Nur wer die Ladung gestartet hat, kann sie von hier beenden.',
  },
  'stop-too-old': {
    en: 'The request to stop is too old, or a clock is wrong.',
    de: 'Die Bitte um das Ende ist zu alt, oder eine Uhr geht falsch.',
  },
  'too-many-requests': {
    en: 'Too many messages. Please wait a moment.',
    de: 'Zu viele Nachrichten. Bitte kurz warten.',
  },
};
