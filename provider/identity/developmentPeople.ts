import type { DevelopmentPerson } from './DevelopmentIdentity.ts';

/** Who can sign in for development unless the configuration names others. */
export const developmentPeople: readonly DevelopmentPerson[] = [
  { name: 'Anna', email: 'anna@example.com' },
  { name: 'Bert', email: 'bert@example.com' },
  { name: 'Cem', email: 'cem@example.com' },
  { name: 'Dana', email: 'dana@example.com' },
];
