/**
 * The next time that a clock shows `timeOfDay` (`HH:MM`, the device's zone) after `now`, as epoch
 * seconds; 0 where none was given.
 */
export function leaveAtOf(timeOfDay: string, now: Date): number {
  const match = /^(\d{2}):(\d{2})/.exec(timeOfDay);
  if (match === null) return 0;
  const leave = new Date(now);
  leave.setHours(Number(match[1]), Number(match[2]), 0, 0);
  if (leave <= now) leave.setDate(leave.getDate() + 1);
  return Math.floor(leave.getTime() / 1000);
}
