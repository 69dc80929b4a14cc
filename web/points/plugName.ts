import type { Language } from '../words/Language.ts';

/** OCPI ConnectorType names as drivers know them (OCPI 2.2.1 mod_locations, ConnectorType). */
const names: Readonly<Record<string, string>> = {
  IEC_62196_T1: 'Type 1',
  IEC_62196_T1_COMBO: 'CCS 1',
  IEC_62196_T2: 'Type 2',
  IEC_62196_T2_COMBO: 'CCS',
  CHADEMO: 'CHAdeMO',
  DOMESTIC_F: 'Schuko',
  TESLA_S: 'Tesla',
  TESLA_R: 'Tesla',
};

export function plugName(connectorType: string, language: Language): string {
  const name = names[connectorType] ?? connectorType.replaceAll('_', ' ');
  return language === 'de' ? name.replace('Type ', 'Typ ') : name;
}

/** The names of several plugs, each once, in a row. */
export function plugNames(connectorTypes: readonly string[], language: Language): string {
  return [...new Set(connectorTypes.map((type) => plugName(type, language)))].join(', ');
}
