/** Ages in which no signal is kept: as good as for ever. */
const foreverYears = 100;

/**
 * An ISO 8601 duration in seconds: weeks, days, hours, minutes, seconds. A hundred years and more (OpenADR's
 * `P9999Y`) are Infinity. Undefined where it is none, or counts months or fewer years, whose length varies.
 *
 * @example
 * isoDuration('PT15M') // 900
 */
export function isoDuration(text: unknown): number | undefined {
  const parts =
    typeof text === 'string'
      ? /^P(?:(\d{1,5})Y)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/.exec(
          text,
        )
      : null;
  if (parts === null || text === 'P') return undefined;
  const [years = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (years >= foreverYears) return Number.POSITIVE_INFINITY;
  if (years > 0) return undefined;
  return ((weeks * 7 + days) * 24 + hours) * 3_600 + minutes * 60 + seconds;
}
