import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, temporaryDirectory } from '@org/testing';
import type { Finding } from './limits.ts';
import { median } from './rounds.ts';
import { startServer, type Server } from './server.ts';
import { table } from './table.ts';

/** What `nx build example-service` makes. */
export const exampleService = join(import.meta.dirname, '../../apps/example-service/dist/main.js');
const counts = [2, 200];

/** How long services with a database take from the start of their process until they are ready. */
export async function measureStarts({ starts }: { starts: number }): Promise<{ findings: Finding[]; figures: string }> {
  const migrated = await startsWithMigrations(starts);
  const first = await firstStarts(starts);
  const [few, many] = migrated;
  return {
    figures: table(
      ['', 'ms', 'ms of CPU'],
      [...migrated, first].map(({ what, readyMs, cpuMs }) => [
        what,
        ...[readyMs, cpuMs].map((each) => median(each).toFixed(0)),
      ]),
    ),
    findings: [
      {
        what: 'start with 200 applied migrations, to that with 2',
        value: median(many!.readyMs) / median(few!.readyMs),
        atMost: 1.3,
      },
      { what: 'first start with an empty `.data`, s', value: median(first.readyMs) / 1_000, atMost: 3 },
    ],
  };
}

interface Starts {
  readonly what: string;
  readonly readyMs: number[];
  readonly cpuMs: number[];
}

function add({ readyMs, cpuMs }: Starts, server: Server): void {
  readyMs.push(server.readyMs);
  cpuMs.push(server.cpu() / 1_000);
}

async function startsWithMigrations(starts: number): Promise<Starts[]> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const file = join(path, 'starting.mjs');
  await bundleInto(file);
  const services: (Starts & { readonly environment: Readonly<Record<string, string>> })[] = [];
  for (const count of counts) {
    const server = await startPostgres();
    if (!server) throw new Error('Cannot measure: there is no PostgreSQL. Debian has it as postgresql');
    stack.use(server);
    const environment = { DATABASE_URL: server.url, BENCH_MIGRATIONS: String(count) };
    services.push({ what: `${count} applied migrations`, environment, readyMs: [], cpuMs: [] });
  }
  // In the first round they are applied.
  for (let round = -1; round < starts; round += 1) {
    for (const each of round % 2 === 0 ? services : services.toReversed()) {
      await using server = await startServer(each.environment, { file });
      if (round >= 0) add(each, server);
    }
  }
  return services;
}

async function firstStarts(starts: number): Promise<Starts> {
  if (!existsSync(exampleService)) throw new Error('Cannot measure: there is no bundle. npx nx build example-service');
  const found: Starts = { what: 'first start of example-service, embedded', readyMs: [], cpuMs: [] };
  for (let round = 0; round < starts; round += 1) {
    await using folder = await temporaryDirectory();
    // As `npm start` has it: with nothing named, all is embedded.
    await using server = await startServer({ NODE_ENV: 'development' }, { file: exampleService, cwd: folder.path });
    add(found, server);
  }
  return found;
}

// CommonJS packages inside an ES module ask for these.
const shim = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** One file, as a service ships. */
async function bundleInto(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, '../src/database/starting.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@org/source'],
    mainFields: ['module', 'main'],
    external: ['drizzle-kit', 'drizzle-kit/*', 'libpg-query'],
    ignoreAnnotations: true,
    banner: { js: shim },
    logLevel: 'warning',
  });
}
