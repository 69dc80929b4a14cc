import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One package of `package-lock.json`, as far as it matters here. */
interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lockfile = { readonly packages: Record<string, LockedPackage> };

const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

/**
 * Optional packages for other platforms that a lockfile should name and does not. npm leaves them out
 * silently where its registry does not have them, and `npm ci` then refuses the lockfile.
 */
export function missingOptionals(lockfile: Lockfile): ReadonlyMap<string, LockedPackage> {
  const missing = new Map<string, LockedPackage>();
  for (const [place, { optionalDependencies = {}, dev }] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const nested = `${place}/node_modules/${name}`;
      const hoisted = `node_modules/${name}`;
      if (lockfile.packages[nested] || lockfile.packages[hoisted]) continue;
      const words = name.split(/[/-]/);
      const os = systems.filter((system) => words.includes(system));
      const cpu = processors.filter((processor) => words.some((word) => word.startsWith(processor)));
      missing.set(hoisted, {
        version: version.replace(/^[\^~]/, ''),
        ...(dev && { dev }),
        optional: true,
        ...(os.length > 0 && { os }),
        ...(cpu.length > 0 && { cpu: cpu.slice(0, 1) }),
        ...(words.some((word) => word.startsWith('musl')) && { libc: ['musl'] }),
      });
    }
  }
  return missing;
}

if (import.meta.main) {
  const file = join(import.meta.dirname, 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
  const missing = missingOptionals(lockfile);
  for (const [place, locked] of missing) lockfile.packages[place] = locked;
  const packages = Object.fromEntries(Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`);
  console.log(`${missing.size} optional packages of other platforms added to package-lock.json`);
}
