/**
 * Set up before each test file: properties draw the same cases in every run, so that a change is judged by what it
 * changed. `npm run properties` looks for what these cases miss: it runs the same tests with one new seed a round.
 */
import fc from 'fast-check';

const seed = Number(process.env.PROPERTY_SEED ?? 20_160_301);
if (!Number.isInteger(seed))
  throw new Error(`PROPERTY_SEED is no whole number: ${process.env.PROPERTY_SEED}`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
