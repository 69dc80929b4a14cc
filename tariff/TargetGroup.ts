/** What kind of place a point stands at, as far as prices and commissions ask. */
export type TargetGroup = (typeof TARGET_GROUPS)[number];

/** In the order in which lists show them; the words for people are in docs/glossary.md. */
export const TARGET_GROUPS = ['garage', 'hotel', 'supermarket', 'public', 'shared-home'] as const;
