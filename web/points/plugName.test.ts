import { expect, test } from 'vitest';
import { plugName, plugNames } from './plugName.ts';

test('plugs by the names that drivers know', () => {
  expect(plugName('IEC_62196_T2', 'de')).toBe('Typ 2');
  expect(plugName('IEC_62196_T2', 'en')).toBe('Type 2');
  expect(plugName('MCS_NEW', 'de')).toBe('MCS NEW');
  expect(plugNames(['IEC_62196_T2_COMBO', 'CHADEMO', 'IEC_62196_T2_COMBO'], 'de')).toBe('CCS, CHAdeMO');
});
