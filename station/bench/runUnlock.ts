import { measureUnlock } from './unlock.ts';

/** `node station/bench/runUnlock.ts [rounds] [folder]` prints the figures of {@link measureUnlock}. */
const [, , rounds, parentFolder] = process.argv;
const figures = await measureUnlock({
  ...(rounds && { rounds: Number(rounds) }),
  ...(parentFolder && { parentFolder }),
});
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
