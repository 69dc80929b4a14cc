/** An entry of a configuration file that an environment variable may override. */
export interface OverridableEntry {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'flag';
}

/**
 * A copy of the configuration with what the environment says in place of single entries. A number or
 * flag that is none stays the text that it is, for the configuration's own parser to refuse by name.
 */
export function overrideFromEnvironment(
  config: unknown,
  entries: readonly OverridableEntry[],
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const { name, path, kind } of entries) {
    const text = environment[name];
    if (text !== undefined && text !== '') putAt(copy, path, readValue(text, kind));
  }
  return copy;
}

function readValue(text: string, kind: OverridableEntry['kind']): unknown {
  if (kind === 'number' && /^\d+$/.test(text)) return Number(text);
  if (kind === 'flag' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function putAt(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = config;
  for (const name of path.slice(0, -1)) {
    const inner = at[name];
    if (typeof inner !== 'object' || inner === null) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = value;
}
