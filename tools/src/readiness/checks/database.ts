import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ConnectionDescription } from '../../manifests/description.ts';
import { embeddedFiles } from '../embedded-files.ts';
import { gap, ok, unknown } from '../row.ts';
import type { Check, Subject } from '../subject.ts';

const name = 'database';
const wronglyConfigured = 78;

/**
 * Whether a database that the service opens has its tables from migrations, is watched, and is never the embedded one in
 * production by accident; of a service without a database there is no row.
 */
export const database: Check = (subject) => {
  const { folder, project, description, observation } = subject;
  const connection = databaseOf(description.connections);
  if (!connection) return undefined;
  const { variable } = connection;
  if (!description.commands.some((command) => command.name === 'migration')) {
    const where = `\`commands\` of ${project.root}/src/main.ts`;
    return gap(name, `it has no sub-command migration: name it in ${where}`, undefined);
  }
  if (!mustBeNamed(folder, variable)) {
    return gap(name, `production starts without ${variable}, with the database that is embedded`, undefined);
  }
  const embedded = embeddedFiles(folder, variable, 'pglite:').join(', ');
  if (embedded !== '') {
    return gap(name, `${variable} is embedded, in each pod by itself: ${embedded}`, undefined);
  }
  if (observation.failure !== undefined) return unknown(name, 'it did not start', `npx nx serve ${project.shortName}`);
  return started(subject);
};

/** What its start and its readiness have shown, over an empty database. */
function started({ project, description, observation: { checks, migrations } }: Subject) {
  const check = Object.entries(checks).find(([, { kind }]) => kind === 'datastore');
  if (!check) return gap(name, 'readiness has no check of it: start what `openDatabase` gives', undefined);
  const [checked, { status }] = check;
  if (status !== 'ok') return gap(name, `the check \`${checked}\` is ${status}`, undefined);
  if (migrations.length === 0) {
    const generate = `npx nx migration ${project.shortName} generate NAME`;
    return gap(name, 'the start applied no migration to an empty database', generate);
  }
  const variables = description.settings.fragments.flatMap((fragment) => fragment.variables);
  const pool = variables.find((variable) => variable.name === 'DATABASE_POOL_SIZE')?.default;
  const connections = pool === undefined ? '' : `; ${pool} connections for each replica, and one for the check`;
  const made = migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`;
  return ok(name, `${made} made its tables; readiness has the check \`${checked}\`${connections}`);
}

/** What the observed service keeps its rows in, so that each look begins with an empty database. */
export function emptyDatabase(connections: readonly ConnectionDescription[]): Record<string, string> {
  const connection = databaseOf(connections);
  return connection ? { [connection.variable]: 'pglite:memory' } : {};
}

/** The database of a service, if it opens one. */
export function databaseOf(connections: readonly ConnectionDescription[]): ConnectionDescription | undefined {
  return connections.find(({ kind, ports }) => kind === 'datastore' && 'postgres:' in ports);
}

/** Whether the bundle refuses to start in production where nobody has said which database it is. */
function mustBeNamed(folder: string, variable: string): boolean {
  const options = {
    cwd: join(folder, 'dist'),
    env: { NODE_ENV: 'production' },
    encoding: 'utf8',
    timeout: 30_000,
  } as const;
  const { status, stderr } = spawnSync(process.execPath, ['main.js', 'check-config'], options);
  return status === wronglyConfigured && new RegExp(`(?<!\\w)${variable}: `).test(stderr);
}
