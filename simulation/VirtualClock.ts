/** A clock as stations, phones and providers ask it. */
export interface ClockView {
  /** Epoch seconds. */
  nowS(): number;
  monotonicMs(): number;
}

/** The world's true time: it moves only when it is told to, and never back. */
export interface VirtualClock extends ClockView {
  advance(seconds: number): void;
  /** A clock that is wrong by `skewS` seconds, asked anew each time; what runs by it runs at the true speed. */
  skewed(skewS: () => number): ClockView;
}

/** A clock that begins at `startS`, epoch seconds. */
export function virtualClock(startS: number): VirtualClock {
  let nowS = startS;
  const monotonicMs = () => (nowS - startS) * 1000;
  return {
    nowS: () => nowS,
    monotonicMs,
    advance(seconds) {
      if (!Number.isSafeInteger(seconds) || seconds < 0)
        throw new RangeError(`time does not go by ${seconds} s`);
      nowS += seconds;
    },
    skewed: (skewS) => ({ nowS: () => nowS + skewS(), monotonicMs }),
  };
}
