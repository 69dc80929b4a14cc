import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['**/node_modules/**', 'web/dist/**', '.p2p-power/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
