import { InvalidArgumentError } from 'commander';

/** Reads a whole number from the command line, from `least` to `most`. */
export function readWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return value;
  };
}
