import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawAreas } from './drawAreas.ts';
import { readSemicolonCsv } from './readSemicolonCsv.ts';

/**
 * Makes the two files that let the map be read and searched without internet, from the register's CSV:
 * `districts.json` (land, borders of postal-code areas, labels) and `places.json` (postal codes and
 * streets with their middle). Run by hand when the register changes:
 * `node web/data/buildPlaces.ts <register.csv>`.
 */
export function buildPlaces(csv: string): { readonly districts: unknown; readonly places: unknown } {
  const stations = readSemicolonCsv(csv)
    .map((row) => ({
      longitude: Number((row.Längengrad ?? '').replace(',', '.')),
      latitude: Number((row.Breitengrad ?? '').replace(',', '.')),
      postalCode: (row.Postleitzahl ?? '').trim(),
      town: (row.Ort ?? '').trim(),
      street: (row.Straße ?? '').trim(),
    }))
    .filter(
      ({ longitude, latitude, postalCode }) =>
        longitude > 5 && longitude < 16 && latitude > 47 && latitude < 56 && /^\d{5}$/.test(postalCode),
    );
  const codes = middles(stations, ({ postalCode }) => postalCode);
  const towns = middles(stations, ({ town }) => town).filter(([, , , count]) => count >= 8);
  const streets = middles(
    stations.filter(({ street }) => /^\p{L}/u.test(street)),
    ({ street, postalCode }) => `${street}|${postalCode}`,
  );
  return {
    districts: {
      ...drawAreas(stations.map((station) => ({ ...station, area: station.postalCode }))),
      codes: codes.map(([code, longitude, latitude]) => [code, longitude, latitude]),
      towns: towns.map(([town, longitude, latitude, count]) => [town, longitude, latitude, count]),
    },
    places: {
      codes: codes.map(([code, longitude, latitude]) => [
        code,
        mostFrequent(stations, code),
        longitude,
        latitude,
      ]),
      streets: streets.map(([name, longitude, latitude]) => {
        const [street, code] = name.split('|');
        return [street, code, longitude, latitude];
      }),
    },
  };
}

/** The town that most stations of a postal code name. */
function mostFrequent(
  stations: readonly { readonly postalCode: string; readonly town: string }[],
  code: string,
): string {
  const towns = Map.groupBy(
    stations.filter(({ postalCode }) => postalCode === code),
    ({ town }) => town,
  );
  return [...towns].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '';
}

type Middle = readonly [name: string, longitude: number, latitude: number, count: number];

/** The median place of each group, sorted by name. */
function middles<Station extends { readonly longitude: number; readonly latitude: number }>(
  stations: readonly Station[],
  nameOf: (station: Station) => string,
): Middle[] {
  const groups = Map.groupBy(stations, nameOf);
  const median = (values: readonly number[]) =>
    Math.round((values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0) * 1e4) / 1e4;
  return [...groups]
    .filter(([name]) => name !== '')
    .map(
      ([name, group]): Middle => [
        name,
        median(group.map(({ longitude }) => longitude)),
        median(group.map(({ latitude }) => latitude)),
        group.length,
      ],
    )
    .sort(([a], [b]) => a.localeCompare(b, 'de'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [register] = process.argv.slice(2);
  if (register === undefined) throw new Error('name the register’s CSV file');
  const { districts, places } = buildPlaces(readFileSync(register, 'utf8'));
  const folder = new URL('../public/', import.meta.url);
  writeFileSync(new URL('districts.json', folder), JSON.stringify(districts));
  writeFileSync(new URL('places.json', folder), JSON.stringify(places));
}
