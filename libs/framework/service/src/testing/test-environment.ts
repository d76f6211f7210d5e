/** What a service under test is given unless the test says otherwise: free ports, a database of its own, and logs that a program can read. */
export const testEnvironment = {
  NODE_ENV: 'test',
  PORT: '0',
  OPS_PORT: '0',
  LOG_FORMAT: 'json',
  DATABASE_URL: 'pglite:memory',
} as const;
