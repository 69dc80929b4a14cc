import type { Result } from './Result.ts';
import {
  integer,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  readDistinct,
  refuseOthers,
  reportAt,
  text,
} from './readJson.ts';
import { TARGET_GROUPS, type TargetGroup } from './TargetGroup.ts';
import { TARIFF_BOUNDS } from './Tariff.ts';

/** Slow points, below 50 kW, and fast ones: the line that Regulation (EU) 2023/1804 Art. 5(4) draws. */
export type PointClass = (typeof POINT_CLASSES)[number];
export const POINT_CLASSES = ['ac', 'dc'] as const;

const FAST_FROM_W = 50_000;

/** The class of a point by its most power. */
export function pointClassOf(powerW: number): PointClass {
  return powerW < FAST_FROM_W ? 'ac' : 'dc';
}

/**
 * What a provider lets the operators of one class of points ask for. Amounts are before tax, in micro-units. Parking is
 * the operator's own business and not looked at.
 *
 * Whoever may ask anything for a session or an hour of charging needs no energy price to be dear. So a frame has ceilings
 * for these too; one that is absent means that nothing of the kind may be asked.
 */
export interface PriceFrame {
  readonly pointClass: PointClass;
  /** Whose frame: absent for all groups that have none of their own. */
  readonly targetGroup?: TargetGroup;
  readonly currency: string;
  /** The least and the most for a kWh. */
  readonly floorMicro: number;
  readonly ceilingMicro: number;
  /** Whether energy may also be given away, though the floor is above zero. */
  readonly mayBeFree: boolean;
  /** The most for an hour of charging (TIME). */
  readonly hourCeilingMicro?: number;
  /** The most for a session (FLAT, and the least price of a session). */
  readonly sessionCeilingMicro?: number;
}

/**
 * Why frames are refused, besides what any JSON can be refused for:
 * - `floor-above-ceiling`: no price lies within
 * - `duplicate-frame`: two frames for the same class, group and currency
 */
export type FrameRefusal = JsonRefusal | 'floor-above-ceiling' | 'duplicate-frame';

const MOST_MICRO = TARIFF_BOUNDS.priceUnits * 1_000_000;
const FIELDS = [
  'pointClass',
  'targetGroup',
  'currency',
  'floorMicro',
  'ceilingMicro',
  'mayBeFree',
  'hourCeilingMicro',
  'sessionCeilingMicro',
] as const;

/** Reads a provider's frames, a list of {@link PriceFrame}, from untrusted JSON. */
export function parseFrames(json: unknown): Result<readonly PriceFrame[], FrameRefusal> {
  const nameOf = ({ pointClass, targetGroup, currency }: PriceFrame) =>
    `frame for ${pointClass}, ${targetGroup ?? 'all groups'}, ${currency}`;
  return readDistinct<PriceFrame, FrameRefusal>(json, 100, readFrame, nameOf, 'duplicate-frame');
}

function readFrame(field: JsonField<FrameRefusal>): PriceFrame {
  const frame = members(field);
  refuseOthers(field, frame.names, FIELDS);
  const group = frame.optional('targetGroup');
  const hour = frame.optional('hourCeilingMicro');
  const session = frame.optional('sessionCeilingMicro');
  const mayBeFree = frame.optional('mayBeFree');
  if (mayBeFree !== undefined && typeof mayBeFree.value !== 'boolean') {
    reportAt(mayBeFree, 'unknown-value', 'expected true or false');
  }
  const read = {
    pointClass: oneOf(frame.required('pointClass'), POINT_CLASSES),
    ...(group && { targetGroup: oneOf(group, TARGET_GROUPS) }),
    currency: text(frame.required('currency'), /^[A-Z]{3}$/, 'an ISO 4217 code'),
    floorMicro: integer(frame.required('floorMicro'), 0, MOST_MICRO),
    ceilingMicro: integer(frame.required('ceilingMicro'), 0, MOST_MICRO),
    mayBeFree: mayBeFree?.value === true,
    ...(hour && { hourCeilingMicro: integer(hour, 0, MOST_MICRO) }),
    ...(session && { sessionCeilingMicro: integer(session, 0, MOST_MICRO) }),
  };
  if (read.floorMicro > read.ceilingMicro) {
    reportAt(field, 'floor-above-ceiling', `${read.floorMicro} is above ${read.ceilingMicro}`);
  }
  return read;
}

/**
 * The frame that binds a point: that of its class and target group, else that of its class for all groups; undefined
 * where the provider has none, and then every price is allowed.
 */
export function frameOf(
  frames: readonly PriceFrame[],
  point: { readonly powerW: number; readonly targetGroup?: TargetGroup; readonly currency: string },
): PriceFrame | undefined {
  const ofClass = frames.filter(
    ({ pointClass, currency }) => pointClass === pointClassOf(point.powerW) && currency === point.currency,
  );
  const ofGroup = point.targetGroup && ofClass.find(({ targetGroup }) => targetGroup === point.targetGroup);
  return ofGroup ?? ofClass.find(({ targetGroup }) => targetGroup === undefined);
}
