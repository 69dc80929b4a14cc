/** A place on the map with a name for people. */
export interface Place {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Postal codes and streets with their middle, as `places.json` ships them. */
export interface PlaceIndex {
  readonly codes: readonly (readonly [code: string, town: string, longitude: number, latitude: number])[];
  readonly streets: readonly (readonly [street: string, code: string, longitude: number, latitude: number])[];
}

const simple = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/str(\.|asse)(?=\s|$|\b)/g, 'str')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9 ]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Places whose postal code or street begins with what was typed, then those that contain it; spelling
 * of ß, umlauts and Straße is forgiven, a house number passed over. Works without internet.
 */
export function searchPlaces(index: PlaceIndex, typed: string, limit = 8): readonly Place[] {
  const wanted = simple(typed.replace(/\s\d+\s?[a-z]?$/i, ''));
  if (wanted.length < 2) return [];
  const isCode = /^\d+$/.test(wanted);
  const found: { readonly rank: number; readonly place: Place }[] = [];
  if (isCode)
    for (const [code, town, longitude, latitude] of index.codes)
      if (code.startsWith(wanted))
        found.push({ rank: 0, place: { name: `${code} ${town}`, longitude, latitude } });
  if (!isCode)
    for (const [street, code, longitude, latitude] of index.streets) {
      const at = simple(`${street} ${code}`).indexOf(wanted);
      if (at >= 0)
        found.push({ rank: at === 0 ? 1 : 2, place: { name: `${street}, ${code}`, longitude, latitude } });
    }
  return found
    .sort((a, b) => a.rank - b.rank || a.place.name.length - b.place.name.length)
    .slice(0, limit)
    .map(({ place }) => place);
}
