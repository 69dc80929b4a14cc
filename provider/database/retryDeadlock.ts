/**
 * Runs a transaction again where PostgreSQL broke it off for a deadlock (40P01) or could not serialize
 * it (40001): nothing of it has taken effect then.
 */
export async function retryDeadlock<Value>(run: () => Promise<Value>, attempts = 5): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      if (attempt >= attempts || (code !== '40P01' && code !== '40001')) throw error;
    }
  }
}
