import type { Language } from './Language.ts';

/** What a provider refuses of people and operators, of their accounts and money, and when it cannot answer at all. */
export const refusedAccountWords: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'iban-invalid': {
    de: 'Das ist keine IBAN, an die überwiesen werden kann. Bitte die Ziffern prüfen.',
    en: 'This is no IBAN that money can be sent to. Please check its digits.',
  },
  'account-holder-missing': {
    de: 'Der Name des Kontoinhabers fehlt oder ist nicht lesbar.',
    en: 'The name of the account’s holder is missing or cannot be read.',
  },
  'bic-invalid': {
    de: 'Das ist kein BIC, oder er gehört in ein anderes Land als die IBAN.',
    en: 'This is no BIC, or one of another country than the IBAN.',
  },
  'bank-account-missing': {
    de: 'Ihr Anbieter kennt Ihr Bankkonto noch nicht. Bitte zuerst eintragen.',
    en: 'Your provider does not know your bank account yet. Please enter it first.',
  },
  'no-bank-account': {
    de: 'Es ist kein Bankkonto bekannt.',
    en: 'No bank account is known.',
  },
  'peer-unknown': {
    de: 'Diesen Anbieter gibt es im Netz nicht.',
    en: 'There is no such provider in the network.',
  },
  'redemption-unknown': { de: 'Diese Auszahlung gibt es nicht.', en: 'There is no such payout.' },
  'redemption-closed': {
    de: 'Diese Auszahlung ist schon abgeschlossen.',
    en: 'This payout is closed already.',
  },
  'payment-under-way': {
    de: 'Das Geld ist schon unterwegs; zurückziehen geht nicht mehr.',
    en: 'The money is under way already and cannot be taken back.',
  },
  'request-id-used': {
    de: 'Dieser Antrag wurde schon mit anderen Angaben gestellt. Bitte neu laden.',
    en: 'This request was made before with other details. Please load the page again.',
  },
  'bank-reference-used': {
    de: 'Dieser Verwendungszweck gehört schon zu einer anderen Zahlung.',
    en: 'This reference belongs to another payment already.',
  },
  'bank-reference-differs': {
    de: 'Diese Auszahlung ist mit einem anderen Verwendungszweck bezahlt.',
    en: 'This payout was paid with another reference.',
  },
  'account-signature-invalid': {
    de: 'Die Unterschrift ist nicht die dieses Kontos.',
    en: 'The signature is not that of this account.',
  },
  'account-unknown': { de: 'Dieses Konto war nie Ihres.', en: 'This account was never yours.' },
  'account-taken': {
    de: 'Dieses Konto gehört schon einem anderen Betreiber.',
    en: 'This account belongs to another operator already.',
  },
  'no-chain': {
    de: 'Die Verrechnung zwischen den Anbietern ist gerade nicht erreichbar.',
    en: 'Clearing between the providers cannot be reached right now.',
  },
  'charge-unknown': { de: 'Diese Ladung gibt es bei Ihnen nicht.', en: 'You have no such charge.' },
  'period-too-long': {
    de: 'Der Zeitraum ist zu lang. Bitte einen kürzeren wählen.',
    en: 'The period is too long. Please choose a shorter one.',
  },
  'driver-unknown': { de: 'Diesen Kunden gibt es hier nicht.', en: 'There is no such customer here.' },
  'not-a-public-key': {
    de: 'Ihr Anbieter versteht den Schlüssel dieses Geräts nicht. Bitte die App aktualisieren.',
    en: 'Your provider does not understand this device’s key. Please update the app.',
  },
  'key-of-another': {
    de: 'Der Schlüssel dieses Geräts gehört zu einem anderen Konto. Bitte ab- und wieder anmelden.',
    en: 'This device’s key belongs to another account. Please sign out and in again.',
  },
  'too-many-certificates': {
    de: 'Auf diesem Konto sind zu viele Geräte angemeldet. Bitte auf einem abmelden, das Sie nicht mehr brauchen.',
    en: 'Too many devices are signed in to this account. Please sign out on one that you no longer use.',
  },
  'certificate-unknown': {
    de: 'Diese Ladeberechtigung kennt Ihr Anbieter nicht.',
    en: 'Your provider knows no such permission to charge.',
  },
  'malformed-certificate': {
    de: 'Die Ladeberechtigung Ihres Anbieters ist unverständlich.',
    en: 'Your provider’s permission to charge makes no sense.',
  },
  'malformed-points': {
    de: 'Was der Anbieter über die Ladepunkte sagt, ist unverständlich.',
    en: 'What the provider says of its points makes no sense.',
  },
  'invalid-request': {
    de: 'Etwas an der Eingabe versteht Ihr Anbieter nicht.',
    en: 'Your provider does not understand something that was entered.',
  },
  'not-found': {
    de: 'Das gibt es bei Ihrem Anbieter nicht. Vielleicht ist die App älter als er.',
    en: 'Your provider has no such thing. The app may be older than the provider.',
  },
  'too-large': {
    de: 'Das ist Ihrem Anbieter zu viel auf einmal.',
    en: 'This is too much at once for your provider.',
  },
  'temporarily-unavailable': {
    de: 'Bei Ihrem Anbieter fehlt gerade etwas. Bitte gleich noch einmal versuchen.',
    en: 'Something at your provider is not reachable right now. Please try again in a moment.',
  },
  'internal-fault': {
    de: 'Bei Ihrem Anbieter ist etwas schiefgegangen; er weiß davon.',
    en: 'Something went wrong at your provider; it has been noted.',
  },
  'identity-provider-unreachable': {
    de: 'Die Anmeldung lässt sich gerade nicht prüfen. Bitte gleich noch einmal versuchen.',
    en: 'The sign-in cannot be checked right now. Please try again in a moment.',
  },
};
