import { vi } from 'vitest';
import { buildProgram } from '../buildProgram.ts';
import { Complaint, printFailure } from '../Complaint.ts';

/** Runs a command in this process, as the program runs it: its exit code, and all that it printed. */
export async function runInProcess(
  ...args: readonly string[]
): Promise<{ readonly code: number | string | undefined; readonly output: string }> {
  const printed: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
    vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(`${text}\n`)),
  ];
  try {
    process.exitCode = undefined;
    await buildProgram().parseAsync(['node', 'p2p-power', ...args]);
    return { code: process.exitCode ?? 0, output: printed.join('') };
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return { code: 2, output: printFailure(error) };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
