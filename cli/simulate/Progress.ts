/** Tells how far a long work is, on a stream beside the output: nothing for what is done within two seconds. */
export interface Progress {
  /** The part that is done, 0 to 1. */
  tell(part: number): void;
  /** Clears what stands there. */
  end(): void;
}

const QUIET_MS = 2_000;
const EVERY_MS = 250;

/** `now` is a steady clock in milliseconds. On a terminal one line is written anew; elsewhere a line for each tenth. */
export function openProgress(
  stream: { write(text: string): unknown; readonly isTTY?: boolean },
  what: string,
  now: () => number = () => performance.now(),
): Progress {
  const beganAt = now();
  const isTerminal = stream.isTTY === true;
  let [writtenAt, tenth, isShown] = [Number.NEGATIVE_INFINITY, 0, false];
  return {
    tell(part) {
      const at = now();
      if (at - beganAt < QUIET_MS || part >= 1) return;
      const leftS = Math.ceil(((at - beganAt) / Math.max(part, 0.001) - (at - beganAt)) / 1_000);
      const said = `${what}: ${Math.floor(part * 100)} %, about ${leftS} s left`;
      if (isTerminal) {
        if (at - writtenAt < EVERY_MS) return;
        stream.write(`\r\u001b[2K${said}`);
        isShown = true;
      } else {
        if (Math.floor(part * 10) <= tenth) return;
        tenth = Math.floor(part * 10);
        stream.write(`${said}\n`);
      }
      writtenAt = at;
    },
    end() {
      if (isShown) stream.write('\r\u001b[2K');
      isShown = false;
    },
  };
}
