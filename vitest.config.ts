import { defaultServerConditions } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';

// One configuration for every project: a target runs it with the project as the root and `src` or `test` as the folder.
export default defineConfig({
  ssr: { resolve: { conditions: ['@org/source', ...defaultServerConditions] } },
  test: {
    environment: 'node',
    include: ['**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/files/**'],
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Processes that tests start must resolve the workspace's packages to their sources as well.
    env: { NODE_OPTIONS: '--conditions=@org/source', FORCE_COLOR: '0', NO_COLOR: '1' },
    // The embedded database is compiled once and not twice: no test lasts long enough for the second time to pay.
    execArgv: ['--liftoff-only'],
    restoreMocks: true,
  },
});
