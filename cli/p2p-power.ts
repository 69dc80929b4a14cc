import { buildProgram } from './buildProgram.ts';
import { Complaint, printFailure } from './Complaint.ts';
import { PartFailed } from './network/PartProcess.ts';

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  console.error(printFailure(error));
  process.exitCode = error instanceof Complaint || error instanceof PartFailed ? 2 : 1;
}
