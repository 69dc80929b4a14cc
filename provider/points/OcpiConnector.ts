/** A connector as OCPI 2.2.1 has it (mod_locations, Connector object), without its time stamp. */
export interface OcpiConnector {
  readonly id: string;
  /** ConnectorType. */
  readonly standard: string;
  readonly format: 'SOCKET' | 'CABLE';
  readonly power_type: 'AC_1_PHASE' | 'AC_2_PHASE' | 'AC_3_PHASE' | 'DC';
  /** V; of three phases between line and neutral. */
  readonly max_voltage: number;
  /** A. */
  readonly max_amperage: number;
  /** W. */
  readonly max_electric_power: number;
}

/** Above this a single phase of 32 A at 230 V does not suffice. */
const singlePhaseW = 7_400;

/**
 * A connector of which only plug and power are known: voltage and current follow from how such plugs
 * are wired in Europe (one phase up to 7.4 kW, else three at 230 V; DC at 500 V up to 50 kW, else 920 V).
 */
export function makeConnector(
  id: string,
  plug: { readonly standard: string; readonly format: 'SOCKET' | 'CABLE'; readonly isDc: boolean },
  powerW: number,
): OcpiConnector {
  const { standard, format } = plug;
  const make = (power_type: OcpiConnector['power_type'], max_voltage: number, phases: number) => ({
    id,
    standard,
    format,
    power_type,
    max_voltage,
    max_amperage: Math.ceil(powerW / (max_voltage * phases)),
    max_electric_power: powerW,
  });
  if (plug.isDc) return make('DC', powerW <= 50_000 ? 500 : 920, 1);
  return powerW <= singlePhaseW ? make('AC_1_PHASE', 230, 1) : make('AC_3_PHASE', 230, 3);
}

/** The point that nobody described further: a Type 2 socket. */
export const type2Socket = { standard: 'IEC_62196_T2', format: 'SOCKET', isDc: false } as const;
