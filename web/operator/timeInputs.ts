const dayMinutes = 1_440;

/** What a field for the time of day holds, `HH:MM`, as minutes after midnight; undefined where it is empty. */
export function startMinuteOf(typed: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(typed);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}

/** The same for an end: midnight is the end of the day, not its beginning. */
export function endMinuteOf(typed: string): number | undefined {
  const minute = startMinuteOf(typed);
  return minute === 0 ? dayMinutes : minute;
}

/** Minutes as a field for the time of day holds them; the end of the day is `00:00`. */
export function timeInput(minute: number | undefined): string {
  if (minute === undefined) return '';
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${pad(Math.floor(minute / 60) % 24)}:${pad(minute % 60)}`;
}
