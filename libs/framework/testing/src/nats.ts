import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { controlOf, findServer, type PrivateServer, type FoundServer } from './private-server.ts';
import type { IssuedCertificate } from './certificate-authority.ts';
import { freePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { rawRequest } from './raw-request.ts';
import { sendSignal } from './send-signal.ts';
import type { Requirement } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What a test needs that starts or finds one. */
export const natsRequirement: Requirement = { what: 'a NATS server', get: 'apt-get install nats-server' };

export interface StartNatsOptions {
  /** Whether it keeps messages (JetStream). Default: `true`. */
  readonly jetStream?: boolean;
  /** Whoever connects must have these. Default: nobody is asked. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Its certificate with the chain, and the key, in PEM: its `url` is then of `tls:`. Default: no TLS. */
  readonly tls?: IssuedCertificate;
  /** More lines of its configuration, such as `max_payload: 1KB` or an operator with its accounts. */
  readonly configuration?: string;
}

export type NatsServer = PrivateServer;

/**
 * Starts a NATS server of the test's own; `undefined` where there is no `nats-server`, neither in `PATH` nor where Debian
 * has it.
 *
 * @throws {Error} with what it says, when it does not take connections within 10 seconds.
 */
export async function startNats(options: StartNatsOptions = {}): Promise<NatsServer | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const program = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (!program) return undefined;
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const port = await freePort();
  const file = join(path, 'server.conf');
  await writeFile(file, await configurationOf(options, path));

  let server: RunningProcess | undefined;
  const run = async () => {
    server = await startProcess(program, ['-c', file, '-a', '127.0.0.1', '-p', String(port)]);
    await server.line('Server is ready');
  };
  const signal = async (name: NodeJS.Signals) => {
    if (server) await sendSignal(server.pid, name);
  };
  const kill = async () => {
    await signal('SIGKILL');
    await server?.exit;
    server = undefined;
  };
  stack.defer(kill);
  await run();
  const owned = stack.move();
  return {
    port,
    url: options.tls ? `tls://localhost:${port}` : `nats://127.0.0.1:${port}`,
    ...controlOf({ run, kill, signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The NATS server of this machine's environment: that of `BROKER_URL_NATS`, else the one at `nats://localhost`, else one
 * of the test's own. A test makes names of its own there, and deletes them. `undefined` where there is none.
 *
 * @throws {Error} when `BROKER_URL_NATS` is set and nothing answers there.
 */
export function findNats(environment: NodeJS.ProcessEnv = process.env): Promise<FoundServer | undefined> {
  return findServer(
    {
      variable: 'BROKER_URL_NATS',
      usualUrl: 'nats://localhost',
      usualPort: 4222,
      answers,
      start: startNats,
    },
    environment,
  );
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

/** Whether somebody greets there as a NATS server does, also one that then speaks TLS. */
async function answers(port: number, host: string): Promise<boolean> {
  return (await rawRequest(port, '', { host, timeoutMs: 2_000, until: /^INFO / })).end === 'matched';
}
