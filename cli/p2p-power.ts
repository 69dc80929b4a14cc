import { buildProgram } from './buildProgram.ts';
import { Complaint, printFailure } from './Complaint.ts';

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  console.error(printFailure(error));
  process.exitCode = error instanceof Complaint ? 2 : 1;
}
