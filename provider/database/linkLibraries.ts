import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes the symbolic links among PostgreSQL's libraries that the npm package names in
 * `native/pg-symlinks.json`: a package cannot carry links, and its install script, which would make
 * them, is not run. Made once; processes that start together do no harm. Answers how many were made.
 */
export function linkLibraries(packageFolder: string): number {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return 0;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  let made = 0;
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), join(dirname(link), basename(link)));
      made += 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return made;
}
