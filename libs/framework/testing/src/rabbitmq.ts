import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { controlOf, findServer, type PrivateServer, type FoundServer } from './private-server.ts';
import type { IssuedCertificate } from './certificate-authority.ts';
import { freePorts } from './free-port.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { createRabbitmqOperator, oftenListed, type RabbitmqOperator } from './rabbitmq-operator.ts';
import { rawRequest } from './raw-request.ts';
import { sendSignal } from './send-signal.ts';
import type { Requirement } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

/** What a test needs that starts or finds one. */
export const rabbitmqRequirement: Requirement = { what: 'a RabbitMQ server', get: 'apt-get install rabbitmq-server' };

export interface StartRabbitmqOptions {
  /** Its certificate with the chain, and the key, in PEM: `tlsPort` then speaks TLS. Default: no TLS. */
  readonly tls?: IssuedCertificate;
  /** More lines of `rabbitmq.conf`. */
  readonly configuration?: string;
  /** Whether it has what its `operator` works by. Default: `false`. */
  readonly management?: boolean;
}

/** A server of the test's own; user and password are `guest`. */
export interface RabbitmqServer extends PrivateServer {
  readonly tlsPort: number;
  /** Of use where it has its management. */
  readonly operator: RabbitmqOperator;
  /** Runs `rabbitmqctl` on it, and gives what that prints. */
  control(...args: string[]): Promise<string>;
  /** Raises the memory alarm, so that it blocks whoever publishes; or takes it back. */
  alarm(raised: boolean): Promise<void>;
}

// The scripts beneath Debian's wrapper, which runs as one user alone and writes its logs to one place alone.
const scripts = '/usr/lib/rabbitmq/bin';
const startMs = 150_000;

/** Starts a RabbitMQ of the test's own; `undefined` where Debian's package is not installed. */
export async function startRabbitmq({
  tls,
  configuration = '',
  management = false,
}: StartRabbitmqOptions = {}): Promise<RabbitmqServer | undefined> {
  if (!existsSync(join(scripts, 'rabbitmq-server'))) return undefined;
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const ports = (await freePorts(5)) as [number, number, number, number, number];
  const [port, tlsPort, distributionPort, epmdPort, managementPort] = ports;
  const file = (name: string) => join(path, name);
  const lines = [
    `listeners.tcp.local = 127.0.0.1:${port}`,
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
  ];
  if (tls) {
    await writeFile(file('certificate.pem'), tls.certificate);
    await writeFile(file('key.pem'), tls.key, { mode: 0o600 });
    lines.push(
      `listeners.ssl.local = 127.0.0.1:${tlsPort}`,
      `ssl_options.certfile = ${file('certificate.pem')}`,
      `ssl_options.keyfile = ${file('key.pem')}`,
    );
  }
  if (management) {
    lines.push('management.tcp.ip = 127.0.0.1', `management.tcp.port = ${managementPort}`, oftenListed);
  }
  await writeFile(file('rabbitmq.conf'), `${[...lines, configuration].join('\n')}\n`);
  await writeFile(file('environment'), '');
  await writeFile(file('plugins'), management ? '[rabbitmq_management].\n' : '[].\n');
  const env = {
    HOME: path,
    // An `epmd` of its own, so that it neither needs nor leaves behind one of the machine.
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CONF_ENV_FILE: file('environment'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins'),
    RABBITMQ_MNESIA_BASE: file('data'),
    RABBITMQ_LOG_BASE: file('logs'),
    RABBITMQ_PID_FILE: file('pid'),
    // A server or a `rabbitmqctl` that is ended in its work leaves it, else in the folder of whoever tests.
    ERL_CRASH_DUMP: file('crash.dump'),
    // The processors are shared with whatever else is tested.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
    NODENAME: undefined,
  };
  stack.use(await startProcess('epmd', ['-address', '127.0.0.1', '-port', String(epmdPort)], { env }));
  await waitFor(() => isOpen(epmdPort), { what: 'epmd to listen' });

  let server: RunningProcess | undefined;
  // The script that was started waits for the server, which is another process.
  const signal = async (name: NodeJS.Signals) => sendSignal(Number(await readFile(file('pid'), 'utf8')), name);
  const run = async () => {
    const started = await startProcess(join(scripts, 'rabbitmq-server'), [], { env, graceMs: 1_000 });
    server = started;
    let ended: string | undefined;
    void started.exit.then(({ code, signal: by }) => (ended = String(code ?? by)));
    await waitFor(async () => ended ?? (await answers(port)), {
      what: 'RabbitMQ to answer',
      timeoutMs: startMs,
      intervalMs: 100,
    });
    if (ended !== undefined) {
      throw new Error(`RabbitMQ ended with ${ended}:\n${started.stdout.slice(-2_000)}${started.stderr.slice(-2_000)}`);
    }
  };
  const kill = async () => {
    if (!server) return;
    await signal('SIGKILL').catch(() => undefined);
    await server[Symbol.asyncDispose]();
    server = undefined;
  };
  stack.defer(kill);
  await run();

  const control = async (...args: string[]) => {
    const options = { env: { ...process.env, ...env }, timeout: startMs };
    const { stdout } = await promisify(execFile)(
      join(scripts, 'rabbitmqctl'),
      ['-q', '-n', env.RABBITMQ_NODENAME, ...args],
      options,
    );
    return stdout;
  };
  const owned = stack.move();
  return {
    port,
    tlsPort,
    operator: createRabbitmqOperator(`http://127.0.0.1:${managementPort}/api`),
    url: `amqp://127.0.0.1:${port}`,
    ...controlOf({ run, kill, signal }),
    control,
    alarm: async (raised) => void (await control('set_vm_memory_high_watermark', raised ? '0.0000001' : '0.4')),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The RabbitMQ of this machine's environment: that of `BROKER_URL_RABBITMQ`, else the one at `amqp://localhost`, else one
 * of the test's own. A test makes names of its own there, and deletes them. `undefined` where there is none.
 *
 * @throws {Error} when `BROKER_URL_RABBITMQ` is set and nothing answers there.
 */
export function findRabbitmq(environment: NodeJS.ProcessEnv = process.env): Promise<FoundServer | undefined> {
  return findServer(
    {
      variable: 'BROKER_URL_RABBITMQ',
      usualUrl: 'amqp://localhost',
      usualPort: 5672,
      // Over TLS nothing is asked here: who uses it is told.
      answers: async (port, host, protocol) => protocol === 'amqps:' || answers(port, host),
      start: startRabbitmq,
    },
    environment,
  );
}

/** Whether somebody speaks AMQP 0-9-1 there: the first frame holds the name of the product's licence and version. */
async function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  const { text } = await rawRequest(port, Uint8Array.of(65, 77, 81, 80, 0, 0, 9, 1), {
    host,
    timeoutMs: 2_000,
    until: /RabbitMQ/,
  });
  return text.includes('RabbitMQ');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
