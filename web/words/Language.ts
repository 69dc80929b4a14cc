/** The languages of the app. */
export type Language = 'de' | 'en';

/** The first of the browser's languages that the app speaks; English for all others. */
export function languageOf(browserLanguages: readonly string[]): Language {
  for (const language of browserLanguages) {
    const code = language.slice(0, 2).toLowerCase();
    if (code === 'de' || code === 'en') return code;
  }
  return 'en';
}

/** The locale by which numbers and dates are written. */
export const localeOf = (language: Language): string => (language === 'de' ? 'de-DE' : 'en-GB');
