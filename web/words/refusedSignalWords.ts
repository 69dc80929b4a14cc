import type { Language } from './Language.ts';

/** Why what a source of signals says is not believed, and what is refused of a grid stated by hand; for staff. */
export const refusedSignalWords: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'source-unreachable': { de: 'Die Quelle antwortet nicht.', en: 'The source does not answer.' },
  'source-timeout': {
    de: 'Die Quelle hat nicht rechtzeitig geantwortet.',
    en: 'The source did not answer in time.',
  },
  'source-redirects': {
    de: 'Die Quelle verweist an eine andere Adresse. Bitte die Konfiguration ändern.',
    en: 'The source points to another address. Please change the configuration.',
  },
  'source-busy': {
    de: 'Die Quelle wurde zu oft gefragt und will warten lassen.',
    en: 'The source was asked too often and wants us to wait.',
  },
  'source-denies': {
    de: 'Die Quelle lässt uns nicht ein. Stimmt der Zugang in der Konfiguration?',
    en: 'The source does not let us in. Is the access in the configuration right?',
  },
  'source-failed': { de: 'Die Quelle meldet einen Fehler.', en: 'The source reports an error.' },
  'answer-too-large': { de: 'Die Antwort ist zu groß.', en: 'The answer is too large.' },
  'not-json': { de: 'Die Antwort ist kein JSON.', en: 'The answer is no JSON.' },
  'not-xml': { de: 'Die Antwort ist kein XML.', en: 'The answer is no XML.' },
  'file-unreadable': { de: 'Die Datei lässt sich nicht lesen.', en: 'The file cannot be read.' },
  'unexpected-form': {
    de: 'Der Antwort fehlt etwas, oder eine Zeit oder Zahl ist keine.',
    en: 'The answer lacks something, or a time or number in it is none.',
  },
  'wrong-unit': { de: 'Die Quelle rechnet in einer anderen Einheit.', en: 'The source uses another unit.' },
  'implausible-value': {
    de: 'Ein Wert liegt weit außerhalb dessen, was vorkommt. Meist ist es eine andere Einheit.',
    en: 'A value is far beyond what occurs. Most likely it is in another unit.',
  },
  'contradicting-values': {
    de: 'Für eine Zeit stehen zwei verschiedene Werte da.',
    en: 'There are two different values for one time.',
  },
  'not-published': {
    de: 'Für die nächste Zeit ist noch nichts veröffentlicht.',
    en: 'Nothing is published yet for the time to come.',
  },
};
