const mark = 'p2p-power/reloaded';

/**
 * Reloads the page, but once per session at most: a part that is missing after the reload too is missing
 * for good, and a page that reloads for ever helps nobody. Answers whether it reloads; never where the
 * browser keeps no mark.
 */
export function reloadOnce(page: {
  readonly session: () => Pick<Storage, 'getItem' | 'setItem'>;
  readonly reload: () => void;
}): boolean {
  try {
    const session = page.session();
    if (session.getItem(mark) !== null) return false;
    session.setItem(mark, 'yes');
  } catch {
    return false;
  }
  page.reload();
  return true;
}
