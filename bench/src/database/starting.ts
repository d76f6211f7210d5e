import { defineContract } from '@org/contract';
import { databaseSettings, openDatabase } from '@org/database';
import { defineService, opsSettings } from '@org/service';

// A service with as many migrations as `BENCH_MIGRATIONS` says.
const count = Number(process.env.BENCH_MIGRATIONS);
const migrations = Array.from({ length: count }, (_, index) => ({
  name: String(index + 1).padStart(4, '0'),
  sql: `CREATE TABLE things_${index} (id uuid PRIMARY KEY, name text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX things_${index}_name ON things_${index} (name);
ALTER TABLE things_${index} ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed'));`,
}));

const service = defineService({
  name: 'bench-starting',
  config: { database: databaseSettings(), ops: opsSettings({ port: 9904 }) },
  contract: defineContract({ name: 'bench-starting', version: '1.0.0', title: 'Bench of the start', operations: [] }),
  async start({ settings, start }) {
    await start('database', (runtime) => openDatabase(settings.database, { models: {}, migrations }, runtime));
  },
});
await service.run();
