import type { SeededRandom } from './SeededRandom.ts';
import type { ClockView } from './VirtualClock.ts';

/** What became of a message: it never arrived, or nobody heard the answer. */
export class LinkFault extends Error {
  override readonly name = 'LinkFault';
}

/** What may happen to one message, with how often in weights. */
export const messageFates = {
  arrives: 78,
  lost: 7,
  'answer-lost': 7,
  doubled: 4,
  late: 4,
} as const;
export type MessageFate = keyof typeof messageFates;

/** All ways between the parts of a world: it loses, doubles and delays messages, and takes links away for days. */
export interface Network {
  /**
   * Carries one message from one part to another. `deliver` hands it over, and may be called twice, or
   * long after the sender was told that nobody answered. Throws LinkFault where no answer comes back.
   */
  carry<Answer>(from: string, to: string, deliver: () => Promise<Answer>): Promise<Answer>;
  /** Delivers what was late and is due; newest first now and then, so that messages overtake each other. */
  deliverLate(): Promise<number>;
  /** Takes a link away until then, epoch seconds; `*` is any part. */
  cut(from: string, to: string, until: number): void;
  isUp(from: string, to: string): boolean;
  /** From now on nothing is lost any more, every link is up, and what was late has arrived. */
  heal(): Promise<void>;
}

interface LateMessage {
  readonly dueAt: number;
  readonly name: string;
  readonly deliver: () => Promise<unknown>;
}

/** `note` hears of everything that goes wrong. */
export function openNetwork(
  clock: ClockView,
  random: SeededRandom,
  note: (line: string) => void = () => undefined,
): Network {
  const cuts = new Map<string, number>();
  let late: LateMessage[] = [];
  let isHealed = false;
  const isUp = (from: string, to: string) =>
    [`${from}>${to}`, `${from}>*`, `*>${to}`].every((link) => (cuts.get(link) ?? 0) <= clock.nowS());
  const deliverAll = async (messages: readonly LateMessage[]) => {
    for (const { name, deliver } of messages) {
      note(`${name} arrives late`);
      await deliver().catch(() => undefined);
    }
    return messages.length;
  };
  return {
    async carry(from, to, deliver) {
      const name = `${from} > ${to}`;
      if (isHealed) return deliver();
      if (!isUp(from, to)) throw new LinkFault(`${name}: no way`);
      const fate = random.weigh(messageFates);
      if (fate !== 'arrives') note(`${name} ${fate}`);
      switch (fate) {
        case 'arrives':
          return deliver();
        case 'lost':
          throw new LinkFault(`${name}: lost`);
        case 'late':
          late.push({ dueAt: clock.nowS() + random.integer(1, 20_000), name, deliver });
          throw new LinkFault(`${name}: not answered in time`);
        case 'answer-lost':
          await deliver();
          throw new LinkFault(`${name}: the answer was lost`);
        case 'doubled': {
          const first = await deliver();
          const second = await deliver();
          return random.chance(50) ? first : second;
        }
      }
    },
    async deliverLate() {
      const due = late.filter(({ dueAt }) => dueAt <= clock.nowS());
      late = late.filter(({ dueAt }) => dueAt > clock.nowS());
      return deliverAll(random.chance(50) ? due : due.toReversed());
    },
    cut(from, to, until) {
      cuts.set(`${from}>${to}`, until);
    },
    isUp,
    async heal() {
      isHealed = true;
      cuts.clear();
      const left = late;
      late = [];
      await deliverAll(left);
    },
  };
}
