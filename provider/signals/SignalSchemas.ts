import { gridStates, maxSignalSlots, type Signal, type SignalContent } from '@p2p-power/protocol/Signal';
import { z } from 'zod';
import { hex32, objectOf } from '../http/schemas.ts';
import { signalFaults } from './SignalFault.ts';

export const signalKindSchema = z.enum(['price', 'carbon', 'grid']);
const epochS = z.int().min(0).meta({ description: 'Epoch seconds' });

export const signalSchema = objectOf<Signal>('protocol/Signal.ts');

export const stationSignalsSchema = z
  .object({ signals: z.array(signalSchema) })
  .meta({ id: 'StationSignals' });

/** What staff states of a grid. */
export const statedGridSchema = z
  .strictObject({
    slots: z
      .array(
        z.strictObject({
          from: epochS,
          to: epochS,
          state: z.enum(gridStates),
          limitW: z.int().min(0).max(10_000_000).optional().meta({
            description: 'Most that one point of this grid may draw then',
          }),
        }),
      )
      .max(maxSignalSlots),
  })
  .meta({ id: 'StatedGrid' });
export type StatedGrid = z.input<typeof statedGridSchema>;

/** A signal with how asking its source goes. */
export const signalSeriesSchema = z
  .object({
    kind: signalKindSchema,
    area: z.string(),
    source: z.string().meta({ description: 'Type of the source; `staff` where it is stated by hand' }),
    askedAt: epochS.nullable(),
    heardAt: epochS.nullable().meta({ description: 'When the source last said something that was believed' }),
    nextAt: epochS.nullable().meta({ description: 'When it is asked next; null where nobody is asked' }),
    ageS: z.int().nullable().meta({ description: 'Seconds since `heardAt`' }),
    knownUntil: epochS.nullable(),
    missing: z.int().meta({ description: 'Quarter-hours from now to `knownUntil` that nobody knows' }),
    fault: z.enum(signalFaults).nullable().meta({ description: 'Why the last answer was not believed' }),
    faultDetail: z.string().nullable(),
    faultsInRow: z.int(),
    signalId: hex32.nullable(),
    issuedAt: epochS.nullable(),
    content: objectOf<SignalContent>('protocol/Signal.ts, SignalContent').nullable(),
  })
  .meta({ id: 'SignalSeries' });
export type SignalSeries = z.output<typeof signalSeriesSchema>;

export const signalListSchema = z.object({ signals: z.array(signalSeriesSchema) }).meta({ id: 'SignalList' });
export type SignalList = z.output<typeof signalListSchema>;
