/** OCPI ConnectorType names as drivers know them (OCPI 2.2.1 mod_locations, ConnectorType). */
const names: Readonly<Record<string, string>> = {
  IEC_62196_T1: 'Typ 1',
  IEC_62196_T1_COMBO: 'CCS 1',
  IEC_62196_T2: 'Typ 2',
  IEC_62196_T2_COMBO: 'CCS',
  CHADEMO: 'CHAdeMO',
  DOMESTIC_F: 'Schuko',
  TESLA_S: 'Tesla',
  TESLA_R: 'Tesla',
};

export function plugName(connectorType: string): string {
  return names[connectorType] ?? connectorType.replaceAll('_', ' ');
}
