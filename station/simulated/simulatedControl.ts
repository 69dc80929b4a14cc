import type { IncomingMessage } from 'node:http';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { members, readJson } from '@p2p-power/tariff/readJson';
import type { StationLife } from '../StationLife.ts';
import { readCar } from './readCar.ts';
import type { CarModel } from './SimulatedCar.ts';
import { type SimulatedAction, type SimulatedPoint, simulatedActions } from './SimulatedPoint.ts';
import { readOrder, type SimulatedOrder } from './simulatedControlBox.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The hand at a simulated point: `POST /simulated {action?, car?, controlBox?}` from this machine only, answered with
 * the car's state as `GET /simulated` is. `power-cut` takes the controller's power too: it is gone
 * without a word and opens again from its journal at `power-return`.
 */
export async function answerSimulated(
  request: IncomingMessage,
  point: SimulatedPoint,
  life: StationLife,
): Promise<Answer> {
  if (!isLocal(request.socket.remoteAddress)) return { status: 403, body: { refusal: 'not-from-here' } };
  if (request.method === 'GET') return { status: 200, body: describe(point) };
  if (request.method !== 'POST') return { status: 405, body: { refusal: 'method-not-allowed' } };
  const command = parseCommand(await readBody(request), point.controlBox !== undefined);
  if (!command.ok) return { status: 400, body: { refusal: command.refusal, detail: command.detail } };
  const { action, car, order } = command.value;
  if (order !== undefined) point.controlBox?.set(order);
  if (car !== undefined) point.setCar(car);
  if (action !== undefined) point.act(action);
  if (action === 'power-cut') life.drop();
  if (action === 'power-return') await life.begin();
  return { status: 200, body: describe(point) };
}

const isLocal = (address: string | undefined) =>
  address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';

function describe(point: SimulatedPoint): unknown {
  const { socWh, powerW, isPlugged, isPowered } = point.car();
  return {
    pilot: point.pilot.state(),
    contactorClosed: point.contactor.isClosed(),
    plugged: isPlugged,
    powered: isPowered,
    socWh: Math.floor(socWh),
    powerW: Math.round(powerW),
    ...(point.controlBox && { controlBox: point.controlBox.order() }),
  };
}

interface Command {
  readonly action?: SimulatedAction;
  readonly car?: Partial<CarModel>;
  readonly order?: SimulatedOrder;
}

function parseCommand(text: string, hasControlBox: boolean): Result<Command, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('not-json', 'expected {"action": …}');
  }
  const { action, controlBox } = (json ?? {}) as { action?: unknown; controlBox?: unknown };
  const known = simulatedActions.find((name) => name === action);
  if (action !== undefined && known === undefined)
    return refuse('unknown-action', `known are ${simulatedActions.join(', ')}`);
  const order = hasControlBox ? readOrder(controlBox) : undefined;
  if (controlBox !== undefined && order === undefined)
    return refuse(
      'unknown-action',
      hasControlBox ? 'the control box says "none", "silent" or whole W' : 'there is no control box here',
    );
  const car = readJson<Partial<CarModel> | undefined, never>(json, (root) => {
    const field = members(root).optional('car');
    return field === undefined ? undefined : readCar(field);
  });
  if (!car.ok) return car;
  return accept({
    ...(known && { action: known }),
    ...(car.value && { car: car.value }),
    ...(order !== undefined && { order }),
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 10_000) break;
  }
  return text;
}
