/** Ctrl-C while the work was not done yet: what was started is stopped again, and nothing is wrong. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
