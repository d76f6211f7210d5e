import { access, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './process.ts';
import type { Requirement } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';
import { within } from './within.ts';

export interface StartNatsOptions {
  /** Whether it keeps messages (JetStream). Default: `true`. */
  readonly jetStream?: boolean;
  /** Whoever connects must have these. Default: nobody is asked. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Its certificate with the chain, and the key, in PEM. Default: no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** More lines of its configuration, such as `max_payload: 1KB` or an operator with its accounts. */
  readonly configuration?: string;
}

/** A server of the test's own, which keeps its data over restarts. */
export interface NatsServer extends AsyncDisposable {
  readonly port: number;
  /** `nats://127.0.0.1:…`, or `tls://localhost:…`, without user and password. */
  readonly url: string;
  /** Ends it at once, as a crash does; resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it again, on its port and with its data, after it was killed; resolves when it takes connections. */
  restart(): Promise<void>;
  /** Stops it where it is (SIGSTOP), with its connections open, and lets it go on (SIGCONT). */
  pause(): void;
  resume(): void;
  /** Stops it, and deletes what it kept. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a test needs that starts one. */
export const natsRequirement: Requirement = { what: 'nats-server', get: 'apt-get install nats-server' };

/** Whether `startNats` can be used here: `nats-server` is in `PATH`. */
export async function hasNats(): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const found = await Promise.allSettled(folders.map((folder) => access(join(folder, 'nats-server'))));
  return found.some(({ status }) => status === 'fulfilled');
}

/**
 * Where the NATS server of the environment is: `BROKER_URL_NATS`, else `nats://localhost:4222`; `undefined` when nothing
 * listens there.
 */
export async function environmentNats(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const url = environment.BROKER_URL_NATS || 'nats://localhost:4222';
  const { hostname, port } = new URL(url);
  return (await listens(Number(port) || 4222, hostname)) ? url : undefined;
}

/**
 * Starts a server with a folder of its own, on a free port of the loopback interface.
 *
 * @throws {Error} with what it says, when it does not take connections within 10 seconds.
 */
export async function startNats(options: StartNatsOptions = {}): Promise<NatsServer> {
  await using undo = new AsyncDisposableStack();
  const directory = undo.use(await temporaryDirectory());
  const port = await freePort();
  const file = join(directory.path, 'server.conf');
  await writeFile(file, await configurationOf(options, directory.path));
  let server: RunningProcess | undefined = await start(file, port);
  undo.defer(async () => server?.[Symbol.asyncDispose]());
  const opened = undo.move();
  return {
    port,
    url: options.tls ? `tls://localhost:${port}` : `nats://127.0.0.1:${port}`,
    async kill() {
      server?.kill('SIGKILL');
      await server?.exit;
      server = undefined;
    },
    async restart() {
      server ??= await start(file, port);
    },
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      // One that was stopped would not hear that it is to end.
      server?.kill('SIGCONT');
      await opened.disposeAsync();
    },
  };
}

async function start(file: string, port: number): Promise<RunningProcess> {
  const PATH = [process.env.PATH, '/usr/sbin'].join(delimiter);
  const server = await startProcess('nats-server', ['-c', file, '-a', '127.0.0.1', '-p', String(port)], {
    env: { PATH },
  });
  const ended = server.exit.then(() => true);
  try {
    await waitFor(
      async () => {
        if (await Promise.race([ended, Promise.resolve(false)]))
          throw new Error(`nats-server ended:\n${server.stderr.slice(-2_000)}`);
        return /Server is ready/.test(server.stderr) && (await listens(port, '127.0.0.1'));
      },
      { what: 'nats-server to take connections', timeoutMs: 10_000, intervalMs: 20 },
    );
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function configurationOf({ jetStream = true, user, tls, configuration }: StartNatsOptions, folder: string) {
  const lines: string[] = [];
  if (jetStream) lines.push(`jetstream { store_dir: "${join(folder, 'data')}" }`);
  if (user) lines.push(`authorization { user: "${user.username}", password: "${user.password}" }`);
  if (tls) {
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    await Promise.all([writeFile(certificate, tls.certificate), writeFile(key, tls.key, { mode: 0o600 })]);
    lines.push(`tls { cert_file: "${certificate}", key_file: "${key}" }`);
  }
  return [...lines, configuration ?? ''].join('\n');
}

async function listens(port: number, host: string): Promise<boolean> {
  const socket = connect({ port, host });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  await within(2_000, promise);
  socket.destroy();
  return Promise.race([promise, Promise.resolve(false)]);
}
