import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { appendFile, chown, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { controlOf, findServer, type PrivateServer, type FoundServer } from './private-server.ts';
import type { IssuedCertificate } from './certificate-authority.ts';
import { freePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { rawRequest } from './raw-request.ts';
import { sendSignal } from './send-signal.ts';
import type { Requirement } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

/** What a test needs that starts or finds one. */
export const postgresRequirement: Requirement = { what: 'a PostgreSQL server', get: 'apt-get install postgresql' };

export interface StartPostgresOptions {
  /** The superuser, who must give this password. Default: `postgres`, of whom nothing is asked. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Its certificate with the chain, and the key, in PEM: it takes TLS then. Default: no TLS. */
  readonly tls?: IssuedCertificate;
  /** More lines of `postgresql.conf`, such as `max_connections = 5`. */
  readonly configuration?: string;
}

/** A server of the test's own, with an empty database `postgres`. Frozen it is together with all of its sessions. */
export type PostgresServer = PrivateServer;

const startMs = 30_000;

/**
 * Starts a PostgreSQL server of the test's own; `undefined` where Debian's package is not installed.
 *
 * @throws {Error} with what it says, when it does not take connections within 30 seconds.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer | undefined> {
  const folder = globSync('/usr/lib/postgresql/*/bin').find((path) => existsSync(join(path, 'initdb')));
  if (!folder) return undefined;
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const port = await freePort();
  const runner = findRunner();
  const data = join(path, 'data');
  await mkdir(data, { mode: 0o700 });
  await configure(options, { path, data, port, folder, runner });

  let server: RunningProcess | undefined;
  const run = async () => {
    const started = await startProcess(...runner.as(join(folder, 'postgres'), ['-D', data]), { cwd: path });
    server = started;
    await started.line('database system is ready to accept connections', { timeoutMs: startMs });
  };
  const signal = async (name: NodeJS.Signals) => {
    if (!server) return;
    const processes = [server.pid, ...(await childrenOf(server.pid))];
    await Promise.all(processes.map((pid) => sendSignal(pid, name)));
  };
  const kill = async () => {
    if (!server) return;
    const children = await childrenOf(server.pid);
    await signal('SIGKILL');
    await server.exit;
    // Those that were stopped go when they are told, which may be a moment later.
    await waitFor(() => children.every((pid) => !existsSync(`/proc/${pid}`)), { what: 'the sessions to end' });
    server = undefined;
  };
  stack.defer(kill);
  await run();
  const owned = stack.move();
  const { username, password } = options.user ?? { username: 'postgres', password: undefined };
  const login = password === undefined ? username : `${username}:${encodeURIComponent(password)}`;
  return {
    port,
    url: `postgres://${login}@127.0.0.1:${port}/postgres`,
    ...controlOf({ run, kill, signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The PostgreSQL server of this machine's environment: that of `TEST_DATABASE_URL`, else the one of the user `postgres` on
 * 127.0.0.1:5432, else one of the test's own. A test makes databases or schemas of its own there, and deletes them.
 * `undefined` where there is none.
 *
 * @throws {Error} when `TEST_DATABASE_URL` is set and nothing answers there.
 */
export function findPostgres(environment: NodeJS.ProcessEnv = process.env): Promise<FoundServer | undefined> {
  return findServer(
    {
      variable: 'TEST_DATABASE_URL',
      usualUrl: 'postgres://postgres@127.0.0.1:5432/postgres',
      usualPort: 5432,
      answers,
      start: startPostgres,
    },
    environment,
  );
}

/** How programs of the server are run: it refuses to be root. */
interface Runner {
  readonly own?: readonly [user: number, group: number];
  as(program: string, line: readonly string[]): [string, string[]];
}

function findRunner(): Runner {
  if (process.getuid?.() !== 0) return { as: (program, line) => [program, [...line]] };
  const [, , user, group] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  const other = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
  return { own: [Number(user), Number(group)], as: (program, line) => ['setpriv', [...other, program, ...line]] };
}

interface Place {
  readonly path: string;
  readonly data: string;
  readonly port: number;
  readonly folder: string;
  readonly runner: Runner;
}

async function configure(
  { user, tls, configuration = '' }: StartPostgresOptions,
  { path, data, port, folder, runner }: Place,
): Promise<void> {
  const file = (name: string) => join(path, name);
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${path}'`,
    // The processors and the memory are shared with whatever else is tested.
    'shared_buffers = 16MB',
  ];
  await writeFile(file('password'), user?.password ?? '', { mode: 0o600 });
  if (tls) {
    await writeFile(file('certificate.pem'), tls.certificate);
    await writeFile(file('key.pem'), tls.key, { mode: 0o600 });
    lines.push('ssl = on', `ssl_cert_file = '${file('certificate.pem')}'`, `ssl_key_file = '${file('key.pem')}'`);
  }
  if (runner.own) {
    const [owner, group] = runner.own;
    const made = (await readdir(path)).map(file);
    await Promise.all([path, ...made].map((each) => chown(each, owner, group)));
  }
  const authentication = user ? [`--auth=scram-sha-256`, `--pwfile=${file('password')}`] : ['--auth=trust'];
  const line = ['-D', data, '-U', user?.username ?? 'postgres', '--no-sync', '--encoding=UTF8', ...authentication];
  await promisify(execFile)(...runner.as(join(folder, 'initdb'), line), { cwd: path, timeout: startMs });
  await appendFile(join(data, 'postgresql.conf'), `${[...lines, configuration].join('\n')}\n`);
}

async function childrenOf(parent: number): Promise<number[]> {
  const text = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/**
 * Whether somebody answers there whether they speak TLS, as a PostgreSQL server does.
 *
 * @see https://www.postgresql.org/docs/18/protocol-message-formats.html (SSLRequest)
 */
async function answers(port: number, host: string): Promise<boolean> {
  const request = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
  return (await rawRequest(port, request, { host, timeoutMs: 2_000, until: /^[SN]/ })).end === 'matched';
}
