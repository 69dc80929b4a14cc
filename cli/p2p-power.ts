import { buildProgram } from './buildProgram.ts';
import { Complaint, printFailure } from './Complaint.ts';
import { PartFailed } from './network/PartProcess.ts';

// Whoever reads the output may have read enough, as `head` does: that is no fault.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode);
  });

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  console.error(printFailure(error));
  process.exitCode = error instanceof Complaint || error instanceof PartFailed ? 2 : 1;
}
