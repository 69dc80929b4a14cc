import type { LinkAnswer } from '@p2p-power/protocol/LocalLink';
import { WebSocket } from 'ws';

/** A phone's end of the WebSocket link. */
export interface LinkClient {
  ask(message: unknown): Promise<LinkAnswer>;
  /** Sends a frame as it is; answers the next frame that comes. */
  sendRaw(frame: string | Uint8Array): Promise<{ readonly id: unknown; readonly message: LinkAnswer }>;
  readonly closed: Promise<number>;
  close(): void;
}

/** Throws where the connection is refused. */
export async function connectLink(url: string, origin?: string): Promise<LinkClient> {
  const socket = new WebSocket(url, origin === undefined ? {} : { origin });
  const waiting = new Map<number, (answer: LinkAnswer) => void>();
  const raw: ((frame: { id: unknown; message: LinkAnswer }) => void)[] = [];
  let count = 0;
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { id: number; message: LinkAnswer };
    const settle = waiting.get(frame.id);
    waiting.delete(frame.id);
    if (settle === undefined) raw.shift()?.(frame);
    else settle(frame.message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    ask(message) {
      count += 1;
      const id = count;
      socket.send(JSON.stringify({ id, message }));
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        void closed.then(() => reject(new Error('the link was closed')));
      });
    },
    sendRaw(frame) {
      socket.send(frame);
      return new Promise((resolve) => raw.push(resolve));
    },
    closed,
    close: () => socket.close(),
  };
}
