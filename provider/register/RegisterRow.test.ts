import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRegisterRow, pointColumns, registerColumns } from './RegisterRow.ts';
import { readRegister } from './readRegister.ts';

const good = {
  'Ladeeinrichtungs-ID': '1141867',
  Betreiber: 'Qwello Deutschland GmbH',
  'Anzeigename (Karte)': '',
  Status: 'In Betrieb',
  'Anzahl Ladepunkte': '1',
  Straße: 'Pflugstr.',
  Hausnummer: '9',
  Postleitzahl: '10115',
  Ort: 'Berlin',
  Breitengrad: '52,53679',
  Längengrad: '13,37986',
  'Informationen zum Parkraum': 'Nur für  Kunden/Besucher',
  Öffnungszeiten: 'Keine Angabe',
  Steckertypen1: 'AC Typ 2 Fahrzeugkupplung; DC CHAdeMO',
  'Nennleistung Stecker1': '11; 50',
  'EVSE-ID1': '\tde-qrm-er47P411 ',
  'Public Key1': '',
};

describe('a row', () => {
  test('is read with plugs, power, place and a tidied EVSE-ID', () => {
    expect(parseRegisterRow(good)).toEqual({
      ok: true,
      value: {
        stationId: '1141867',
        operatorName: 'Qwello Deutschland GmbH',
        name: 'Qwello Deutschland GmbH',
        inService: true,
        address: 'Pflugstr. 9',
        postalCode: '10115',
        city: 'Berlin',
        latitude: 52.53679,
        longitude: 13.37986,
        openingTimes: null,
        openingText: null,
        access: 'Nur für Kunden/Besucher',
        points: [
          {
            number: 1,
            evseId: 'DEQRMER47P411',
            evseIdNote: null,
            maxPowerW: 50_000,
            meterKey: null,
            meterKeyNote: null,
            connectors: [
              expect.objectContaining({
                standard: 'IEC_62196_T2',
                format: 'CABLE',
                max_electric_power: 11_000,
              }),
              expect.objectContaining({ standard: 'CHADEMO', power_type: 'DC', max_electric_power: 50_000 }),
            ],
          },
        ],
      },
    });
  });

  test.each([
    ['EVSE-ID1', 'DE*GMS*259628', { evseIdNote: { text: 'DE*GMS*259628', reason: 'not-an-evse-id' } }],
    [
      'Public Key1',
      'siehe Typenschild',
      { meterKeyNote: { reason: 'not-an-encoding', detail: expect.any(String) } },
    ],
    ['Public Key1', '3059', { meterKeyNote: { reason: expect.any(String), detail: expect.any(String) } }],
  ])('an untidy %s is noted and the row taken', (column, text, noted) => {
    const parsed = parseRegisterRow({ ...good, [column]: text });
    expect(parsed.ok && parsed.value.points[0]).toMatchObject(noted);
  });

  test('anything in any column is taken whole or refused by name', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        ...Object.values(good),
        '0',
        '-1',
        '1e9',
        '999999999999',
        'AC Schuko',
        '52,5',
        '247',
        '__proto__',
      ),
    );
    const columns = [
      ...registerColumns,
      ...pointColumns.flatMap((name) => [1, 2, 6].map((at) => `${name}${at}`)),
    ];
    const record = fc.record(Object.fromEntries(columns.map((name) => [name, cell])), { requiredKeys: [] });
    fc.assert(
      fc.property(record, fc.boolean(), (spoiled, isMostlyGood) => {
        const parsed = parseRegisterRow(
          isMostlyGood ? { ...good, ...onlySome(spoiled) } : (spoiled as never),
        );
        if (!parsed.ok) {
          expect(parsed.refusal).toMatch(/^[a-z-]+$/);
          return;
        }
        const { points, latitude, longitude } = parsed.value;
        expect(points.length).toBeGreaterThan(0);
        expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
        expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
        for (const point of points) {
          expect(Number.isSafeInteger(point.maxPowerW) && point.maxPowerW > 0).toBe(true);
          expect(point.evseId === null || /^[A-Z]{2}[A-Z0-9]{3}E[A-Z0-9]+$/.test(point.evseId)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  const onlySome = (record: object) =>
    Object.fromEntries(Object.entries(record).slice(0, 2)) as Record<string, string>;
});

test('no text makes the reader throw', () => {
  const head = [...registerColumns, ...pointColumns.map((name) => `${name}1`)].join(';');
  const text = fc.oneof(
    fc.string(),
    fc.string().map((rows) => `${head}\n${rows}`),
  );
  fc.assert(
    fc.property(text, (csv) => {
      const read = readRegister(csv);
      if (read.ok) for (const { line } of read.value) expect(line).toBeGreaterThan(1);
    }),
  );
});
