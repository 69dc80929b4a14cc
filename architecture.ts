import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** A room of the house and what its files may import: other rooms, or single folders of them. */
export interface Room {
  readonly name: string;
  readonly mayImport: readonly string[];
  /** Pure rooms import no Node module either. */
  readonly pure: boolean;
}

const room = (name: string, mayImport: readonly string[], pure = false): Room => ({ name, mayImport, pure });

/** The table of ARCHITECTURE.md. */
export const rooms: readonly Room[] = [
  room('tariff', [], true),
  room('protocol', ['tariff'], true),
  room('planning', ['tariff'], true),
  room('contracts', []),
  room('chain', ['protocol', 'tariff']),
  room('station', ['protocol', 'tariff', 'planning']),
  room('provider', ['protocol', 'tariff', 'planning', 'chain']),
  room('web', ['protocol', 'tariff', 'planning', 'provider/client']),
  room('simulation', ['tariff', 'protocol', 'planning', 'chain', 'station', 'provider']),
  room('cli', ['tariff', 'protocol', 'planning', 'chain', 'station', 'provider', 'web']),
];

export interface ForbiddenImport {
  readonly file: string;
  readonly imported: string;
  readonly room: string;
}

/** What only a clock or a source of randomness answers; the compiler cannot take these out of the language's own library. */
const impurePattern =
  /\b(?:Date\.now\(|new Date\(\)|Date\(\)|Math\.random\(|performance\.now\(|Temporal\.Now\b|getRandomValues\(|randomBytes\()/g;

const importPattern = /(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g;

/** Every import of the room's files that the table does not allow. Tests may use Node and other rooms' `testing/`. */
export function forbiddenImports(root: string, { name, mayImport, pure }: Room): readonly ForbiddenImport[] {
  const found: ForbiddenImport[] = [];
  for (const { file, isTest, text } of filesOf(root, name)) {
    for (const [, imported = ''] of text.matchAll(importPattern)) {
      const target = targetOf(root, file, imported);
      const allowed =
        target === undefined
          ? !(pure && !isTest && imported.startsWith('node:'))
          : target.startsWith(`${name}/`) ||
            mayImport.some((may) => target.startsWith(`${may}/`)) ||
            (isTest && (/\/testing\//.test(`/${target}`) || (!pure && mayTest(name, target))));
      if (!allowed) found.push({ file: relative(root, file), imported, room: name });
    }
  }
  return found;
}

/** Every call of a clock or of randomness in a pure room, tests aside: what varies comes in as a parameter. */
export function impureCalls(root: string, { name, pure }: Room): readonly { file: string; call: string }[] {
  if (!pure) return [];
  return filesOf(root, name)
    .filter(({ isTest }) => !isTest)
    .flatMap(({ file, text }) =>
      [...text.matchAll(impurePattern)].map(([call]) => ({ file: relative(root, file), call })),
    );
}

function filesOf(root: string, room: string): readonly { file: string; isTest: boolean; text: string }[] {
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/(^|\/)(node_modules|dist|out|generated)\//.test(path))
    .map((path) => ({
      file: join(root, room, path),
      isTest: /\.test\.tsx?$|(^|\/)(testing|bench|e2e)\//.test(path),
      text: readFileSync(join(root, room, path), 'utf8'),
    }));
}

/** Browser tests start the real provider and the real station. */
function mayTest(name: string, target: string): boolean {
  return name === 'web' && /^(provider|station|chain)\//.test(target);
}

/** The path from the root that an import of ours names; undefined for packages and Node's modules. */
function targetOf(root: string, file: string, imported: string): string | undefined {
  if (imported.startsWith('@p2p-power/')) return imported.slice('@p2p-power/'.length);
  if (!imported.startsWith('.')) return undefined;
  return relative(root, resolve(dirname(file), imported));
}
