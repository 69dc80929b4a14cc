/** What has no decomposition into a letter and its marks. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  þ: 'th',
  Þ: 'Th',
  ð: 'd',
  Ð: 'D',
  ä: 'ae',
  Ä: 'Ae',
  ö: 'oe',
  Ö: 'Oe',
  ü: 'ue',
  Ü: 'Ue',
  '&': '+',
  '’': "'",
  '–': '-',
  '—': '-',
};

/**
 * A text in the characters that every bank of the area passes on (EPC217-08 §6.1: Latin letters, digits
 * and `/ - ? : ( ) . , ' +` and space), no longer than that. Letters lose their marks, what has no likeness
 * becomes a space, and slashes stand neither at an end nor two in a row.
 */
export function toSepaText(text: string, maxLength: number): string {
  return [...text.normalize('NFC')]
    .map((character) => letters[character] ?? character)
    .join('')
    .normalize('NFD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[^A-Za-z0-9/\-?:().,'+ ]/g, ' ')
    .replaceAll(/\/{2,}/g, '/')
    .replaceAll(/ {2,}/g, ' ')
    .slice(0, maxLength)
    .replaceAll(/^[ /]+|[ /]+$/g, '');
}
