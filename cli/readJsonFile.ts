import { readFileSync } from 'node:fs';
import { Complaint } from './Complaint.ts';

/** The JSON in a configuration file; complains of a file that is not there or is not JSON. */
export function readJsonFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Complaint(`${file} cannot be read.`, 'Name a configuration file that exists: --config FILE', {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Complaint(`${file} is not JSON: ${(error as Error).message}.`, 'Mend the file.', {
      cause: error,
    });
  }
}
