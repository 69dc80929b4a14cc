import type { Language } from './Language.ts';

/** What refusals of prices mean for who sets them; bounds and places stand in the detail beside. */
export const refusedPriceWords: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'price-outside-frame': {
    de: 'Ein Preis liegt außerhalb dessen, was Ihr Anbieter hier erlaubt.',
    en: 'A price is outside what your provider allows here.',
  },
  'tariff-not-allowed-for-power': {
    de: 'An öffentlichen Punkten ab 50 kW erlaubt das Gesetz diesen Tarif nicht.',
    en: 'The law does not allow this tariff at public points of 50 kW and more.',
  },
  'no-energy-price': {
    de: 'Ein dynamischer Preis braucht einen Energiepreis im Tarif, der die Obergrenze ist.',
    en: 'A dynamic price needs an energy price in the tariff, which is its ceiling.',
  },
  'prices-include-tax': {
    de: 'Ein dynamischer Preis braucht einen Tarif mit Preisen vor Steuer.',
    en: 'A dynamic price needs a tariff whose prices are before tax.',
  },
  'limit-without-tax': {
    de: 'Mindest- und Höchstpreis müssen hier auch nach Steuer genannt sein.',
    en: 'Least and most price must be named after tax as well here.',
  },
  'cap-above-tariff': {
    de: 'Der dynamische Höchstpreis liegt über dem Energiepreis des Tarifs. Den darf kein Fahrer überschritten sehen.',
    en: 'The dynamic cap is above the energy price of the tariff, which no driver may see exceeded.',
  },
  'floor-above-cap': {
    de: 'Der kleinste dynamische Preis liegt über dem größten.',
    en: 'The least dynamic price is above the most.',
  },
  'fallback-out-of-bounds': {
    de: 'Der Preis ohne Börsenpreis muss zwischen Mindest- und Höchstpreis liegen.',
    en: 'The price without a market price must lie between the least and the most.',
  },
  'fallback-needed': {
    de: 'Diese Station hat noch nie selbst nach Börsenpreisen gefragt. Nennen Sie einen Preis, der ohne sie gilt.',
    en: 'This station has never asked for market prices itself. Name a price that holds without them.',
  },
  'number-missing': {
    de: 'Eine Zahl fehlt noch oder ist keine.',
    en: 'A number is missing or is none.',
  },
  'empty-list': { de: 'Noch kein einziger Preis.', en: 'Not a single price yet.' },
  'empty-restriction': {
    de: 'Eine Zeit trifft nie zu: Anfang und Ende sind gleich.',
    en: 'A time that never is: start and end are the same.',
  },
  'limits-contradict': {
    de: 'Der Mindestpreis liegt über dem Höchstpreis.',
    en: 'The least price is above the most.',
  },
  'out-of-range': { de: 'Eine Zahl ist zu groß oder zu klein.', en: 'A number is too large or too small.' },
  'tariff-of-another-provider': {
    de: 'Dieser Tarif gehört einem anderen Anbieter.',
    en: 'This tariff belongs to another provider.',
  },
  'wrong-currency': {
    de: 'Ihr Anbieter rechnet in einer anderen Währung.',
    en: 'Your provider uses another currency.',
  },
  'tariff-over': { de: 'Dieser Tarif ist schon abgelaufen.', en: 'This tariff is over already.' },
  'tariff-missing': {
    de: 'Der Punkt hat noch keinen Tarif.',
    en: 'The point has no tariff yet.',
  },
  'floor-above-ceiling': {
    de: 'Die Untergrenze liegt über der Obergrenze.',
    en: 'The floor is above the ceiling.',
  },
  'duplicate-frame': {
    de: 'Zwei Rahmen für dieselben Ladepunkte.',
    en: 'Two frames for the same points.',
  },
  'least-above-most': {
    de: 'Der kleinste Anteil liegt über dem größten.',
    en: 'The least share is above the most.',
  },
  'promotion-known': {
    de: 'Eine Aktion mit dieser Kennung gibt es schon.',
    en: 'There is a promotion of this id already.',
  },
  'promotion-unknown': { de: 'Diese Aktion gibt es nicht.', en: 'There is no such promotion.' },
  'valid-from-past': {
    de: 'Gelten kann das erst ab jetzt.',
    en: 'This can hold from now on at the earliest.',
  },
  'invalid-text': {
    de: 'Ein Text fehlt oder enthält unerlaubte Zeichen.',
    en: 'A text is missing or has characters that are not allowed.',
  },
  'ends-before-it-starts': {
    de: 'Das Ende liegt nicht nach dem Anfang.',
    en: 'The end is not after the start.',
  },
  'operator-unknown': {
    de: 'Diesen Betreiber gibt es hier nicht.',
    en: 'There is no such operator here.',
  },
  'signal-has-a-source': {
    de: 'Dieses Netzsignal kommt aus einer eingerichteten Quelle und lässt sich nicht von Hand setzen.',
    en: 'This grid signal comes from a source that is set up, and cannot be stated by hand.',
  },
  'slots-out-of-order': {
    de: 'Die Zeiten überschneiden sich oder enden vor ihrem Anfang.',
    en: 'The times overlap or end before they begin.',
  },
  'unsupported-field': {
    de: 'Der Tarif hat eine Angabe, die hier nicht gilt.',
    en: 'The tariff has an entry that does not hold here.',
  },
  'unsupported-restriction': {
    de: 'Der Tarif hat eine Bedingung, die hier nicht gilt.',
    en: 'The tariff has a condition that does not hold here.',
  },
  'duplicate-component': {
    de: 'Zwei Preise für dasselbe zur selben Zeit.',
    en: 'Two prices for the same at the same time.',
  },
  'unknown-component-type': {
    de: 'Der Tarif hat eine Preisart, die es nicht gibt.',
    en: 'The tariff has a kind of price that does not exist.',
  },
  'invalid-reservation': {
    de: 'Die Preise für Reservierungen passen nicht zusammen.',
    en: 'The prices of reservations do not fit together.',
  },
  'taxes-contradict': {
    de: 'Die Steuersätze widersprechen einander.',
    en: 'The rates of tax contradict each other.',
  },
  'invalid-time': { de: 'Eine Uhrzeit ist keine.', en: 'A time of day is none.' },
  'missing-field': { de: 'Eine Angabe fehlt.', en: 'An entry is missing.' },
  'unknown-field': { de: 'Eine Angabe gibt es hier nicht.', en: 'There is an entry that has no place here.' },
  'unknown-value': {
    de: 'Eine Angabe hat einen Wert, den es nicht gibt.',
    en: 'An entry has a value that does not exist.',
  },
  'not-an-object': { de: 'Eine Angabe hat eine falsche Form.', en: 'An entry has the wrong form.' },
  'not-a-list': { de: 'Hier wird eine Liste erwartet.', en: 'A list is expected here.' },
  'too-many': { de: 'Das sind zu viele auf einmal.', en: 'These are too many at once.' },
  'not-a-text': { de: 'Hier wird ein Text erwartet.', en: 'A text is expected here.' },
  'not-a-number': { de: 'Hier wird eine Zahl erwartet.', en: 'A number is expected here.' },
  negative: { de: 'Eine Zahl darf nicht unter null liegen.', en: 'A number must not be below zero.' },
  'too-many-decimals': {
    de: 'Eine Zahl hat zu viele Nachkommastellen.',
    en: 'A number has too many decimals.',
  },
  'not-whole': { de: 'Hier wird eine ganze Zahl erwartet.', en: 'A whole number is expected here.' },
  'duplicate-commission': {
    de: 'Zwei Provisionen für dieselben Ladungen.',
    en: 'Two commissions for the same charges.',
  },
  'duplicate-promotion': {
    de: 'Zwei Aktionen mit derselben Kennung.',
    en: 'Two promotions with the same id.',
  },
  'not-staff': {
    de: 'Dieses Zugangswort gilt hier nicht.',
    en: 'This access word does not hold here.',
  },
};
