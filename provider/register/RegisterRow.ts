import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { MeterCurve } from '@p2p-power/protocol/MeterCurve';
import { parseMeterPublicKey } from '@p2p-power/protocol/MeterPublicKey';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { makeConnector, type OcpiConnector } from '../points/OcpiConnector.ts';
import { parseRegisterHours } from '../points/openingHours.ts';
import type { OpeningTimes } from '../points/PointSchemas.ts';

/** Columns of the Ladesäulenregister (Bundesnetzagentur, form of 2026); each point has four, numbered 1 to 6. */
export const registerColumns = [
  'Ladeeinrichtungs-ID',
  'Betreiber',
  'Anzeigename (Karte)',
  'Status',
  'Anzahl Ladepunkte',
  'Straße',
  'Hausnummer',
  'Adresszusatz',
  'Postleitzahl',
  'Ort',
  'Breitengrad',
  'Längengrad',
  'Öffnungszeiten',
  'Öffnungszeiten: Wochentage',
  'Öffnungszeiten: Tageszeiten',
] as const;
export const pointColumns = ['Steckertypen', 'Nennleistung Stecker', 'EVSE-ID', 'Public Key'] as const;
export const mostPoints = 6;

/** One row as column name → text. */
export type RegisterRecord = Readonly<Record<string, string>>;

export interface RegisterStation {
  /** The register's number of the station. */
  readonly stationId: string;
  readonly operatorName: string;
  readonly name: string;
  readonly inService: boolean;
  readonly address: string;
  readonly postalCode: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly openingTimes: OpeningTimes | null;
  /** The hours in the register's words, where they were not understood. */
  readonly openingText: string | null;
  /** Who may park and charge there, in the register's words ("Informationen zum Parkraum"). */
  readonly access: string | null;
  readonly points: readonly RegisterPoint[];
}

export interface RegisterPoint {
  /** Position in the row, 1 to 6. */
  readonly number: number;
  /** Without separators; null where there is none or it is none. */
  readonly evseId: string | null;
  readonly evseIdNote: { readonly text: string; readonly reason: string } | null;
  readonly connectors: readonly OcpiConnector[];
  readonly maxPowerW: number;
  readonly meterKey: { readonly spki: Hex; readonly curve: MeterCurve } | null;
  readonly meterKeyNote: { readonly reason: string; readonly detail: string } | null;
}

/** Why a row is refused, in order of precedence. */
export type RowRefusal =
  | 'missing-station-id'
  | 'missing-operator'
  | 'missing-address'
  | 'bad-coordinates'
  | 'no-points'
  | 'unknown-plug'
  | 'bad-power'
  | 'point-count-differs';

const plugs: Readonly<Record<string, { standard: string; format: 'SOCKET' | 'CABLE'; isDc: boolean }>> = {
  'AC Typ 2 Steckdose': { standard: 'IEC_62196_T2', format: 'SOCKET', isDc: false },
  'AC Typ 2 Fahrzeugkupplung': { standard: 'IEC_62196_T2', format: 'CABLE', isDc: false },
  'AC Typ 1 Steckdose': { standard: 'IEC_62196_T1', format: 'SOCKET', isDc: false },
  'AC Typ 1 Fahrzeugkupplung': { standard: 'IEC_62196_T1', format: 'CABLE', isDc: false },
  'AC Schuko': { standard: 'DOMESTIC_F', format: 'SOCKET', isDc: false },
  'AC CEE 3-polig': { standard: 'IEC_60309_2_single_16', format: 'SOCKET', isDc: false },
  'AC CEE 5-polig': { standard: 'IEC_60309_2_three_16', format: 'SOCKET', isDc: false },
  'DC Fahrzeugkupplung Typ Combo 2 (CCS)': { standard: 'IEC_62196_T2_COMBO', format: 'CABLE', isDc: true },
  'DC CHAdeMO': { standard: 'CHADEMO', format: 'CABLE', isDc: true },
  'DC Tesla Fahrzeugkupplung (Typ 2)': { standard: 'TESLA_S', format: 'CABLE', isDc: true },
};

/**
 * Reads one row of the register. What a point cannot do without refuses the row; an untidy EVSE-ID,
 * meter key or opening time is noted and left out.
 */
export function parseRegisterRow(record: RegisterRecord): Result<RegisterStation, RowRefusal> {
  const text = (column: string) => (record[column] ?? '').replace(/\s+/g, ' ').trim();
  const stationId = text('Ladeeinrichtungs-ID');
  if (!/^[A-Za-z0-9-]{1,20}$/.test(stationId))
    return refuse('missing-station-id', 'Ladeeinrichtungs-ID is empty or no number');
  const operatorName = text('Betreiber');
  if (operatorName === '') return refuse('missing-operator', 'Betreiber is empty');
  const address = [text('Straße'), text('Hausnummer')]
    .filter((part) => part !== '' && part !== '0')
    .join(' ');
  const city = text('Ort');
  if (address === '' || city === '') return refuse('missing-address', 'Straße or Ort is empty');
  const latitude = parseDecimal(text('Breitengrad'));
  const longitude = parseDecimal(text('Längengrad'));
  if (latitude === undefined || longitude === undefined || latitude > 90 || longitude > 180)
    return refuse('bad-coordinates', `${text('Breitengrad')} / ${text('Längengrad')} is no place`);

  const points: RegisterPoint[] = [];
  for (let number = 1; number <= mostPoints; number++) {
    if (pointColumns.every((column) => text(`${column}${number}`) === '')) continue;
    const point = parsePoint(record, number);
    if (!point.ok) return point;
    points.push(point.value);
  }
  if (points.length === 0) return refuse('no-points', 'no column names a point');
  const count = text('Anzahl Ladepunkte');
  if (count !== '' && count !== String(points.length))
    return refuse('point-count-differs', `Anzahl Ladepunkte is ${count}, but ${points.length} are described`);

  const hours = parseRegisterHours(
    text('Öffnungszeiten'),
    text('Öffnungszeiten: Wochentage'),
    text('Öffnungszeiten: Tageszeiten'),
  );
  const kind = text('Öffnungszeiten');
  const words = hours.ok
    ? hours.value === null && kind !== '' && kind !== 'Keine Angabe'
      ? kind
      : null
    : [kind, text('Öffnungszeiten: Wochentage'), text('Öffnungszeiten: Tageszeiten')].join(' ').slice(0, 500);
  return accept({
    stationId,
    operatorName: operatorName.slice(0, 255),
    name: (text('Anzeigename (Karte)') || operatorName).slice(0, 255),
    inService: text('Status') === 'In Betrieb',
    address: address.slice(0, 255),
    postalCode: text('Postleitzahl').slice(0, 10),
    city: city.slice(0, 100),
    latitude,
    longitude,
    openingTimes: hours.ok ? hours.value : null,
    openingText: words,
    access: splitCell(text('Informationen zum Parkraum')).join('; ').slice(0, 500) || null,
    points,
  });
}

function parsePoint(record: RegisterRecord, number: number): Result<RegisterPoint, RowRefusal> {
  const cell = (column: string) => record[`${column}${number}`] ?? '';
  const kinds = splitCell(cell('Steckertypen'));
  const powers = splitCell(cell('Nennleistung Stecker'));
  if (kinds.length === 0) return refuse('unknown-plug', `point ${number} has no plug`);
  const connectors: OcpiConnector[] = [];
  for (const [index, kind] of kinds.entries()) {
    const plug = Object.hasOwn(plugs, kind) ? plugs[kind] : undefined;
    if (plug === undefined)
      return refuse('unknown-plug', `point ${number}: ${JSON.stringify(kind.slice(0, 60))} is no known plug`);
    const powerKw = parseDecimal(powers[index] ?? powers[0] ?? '');
    if (powerKw === undefined || powerKw <= 0 || powerKw > 10_000)
      return refuse('bad-power', `point ${number}: ${JSON.stringify(powers[index] ?? '')} is no power in kW`);
    connectors.push(makeConnector(String(index + 1), plug, Math.round(powerKw * 1000)));
  }
  const key = parseMeterPublicKey(cell('Public Key'));
  return accept({
    number,
    ...readEvseId(cell('EVSE-ID')),
    connectors,
    maxPowerW: Math.max(...connectors.map((connector) => connector.max_electric_power)),
    meterKey: key.ok ? key.value : null,
    meterKeyNote: key.ok || key.refusal === 'no-key' ? null : { reason: key.refusal, detail: key.detail },
  });
}

/** Blanks are dropped, and `-` and `_` taken for the separator `*`. */
function readEvseId(cell: string): Pick<RegisterPoint, 'evseId' | 'evseIdNote'> {
  const plain = cell.replace(/[\s\u200b\ufeff]/g, '');
  if (plain === '') return { evseId: null, evseIdNote: null };
  const parsed = parseEvseId(plain.replace(/[-_]/g, '*'));
  return parsed.ok
    ? { evseId: formatEvseId(parsed.value), evseIdNote: null }
    : { evseId: null, evseIdNote: { text: plain.slice(0, 60), reason: parsed.refusal } };
}

const splitCell = (cell: string) =>
  cell
    .split(';')
    .map((item) => item.replace(/\s+/g, ' ').trim())
    .filter((item) => item !== '');

/** A decimal number with a comma, not negative. */
function parseDecimal(text: string): number | undefined {
  return /^\d{1,9}(?:[,.]\d{1,9})?$/.test(text) ? Number(text.replace(',', '.')) : undefined;
}
