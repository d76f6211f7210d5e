import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { awaitLine, type WantedLine } from './await-line.ts';
import { collectOutput } from './output.ts';
import { signalIfThere } from './send-signal.ts';
import { within } from './within.ts';

export interface StartProcessOptions {
  /** Default: the folder of this process. */
  cwd?: string;
  /** Laid over the environment of this process; `undefined` takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What the process reads from standard input. Default: nothing. */
  input?: string;
  /** How long disposal waits after SIGTERM before it kills, in milliseconds. Default: 5000. */
  graceMs?: number;
}

/** How a process ended: by its exit code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far; the last 10 000 lines. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the process has ended and its output is read. */
  readonly exit: Promise<Exit>;
  /**
   * The first line, of standard output or error, already written or still to come, that holds the text or matches.
   *
   * @throws {Error} when the process ends without one, or after `timeoutMs` (default: 30 000), with its last output.
   */
  line(wanted: WantedLine, options?: { timeoutMs?: number }): Promise<string>;
  /** Sends a signal to the process alone, not to what it started. Default: SIGTERM. */
  kill(signal?: NodeJS.Signals): void;
  /** Ends the process, by SIGTERM and after the grace by SIGKILL, and whatever it started. */
  [Symbol.asyncDispose](): Promise<void>;
}

const scripts = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts']);

/** WebAssembly is compiled once and not twice, as is best for a process that soon ends. */
const nodeFlags = ['--liftoff-only'];

/**
 * Starts a program, or a script with this process's Node, and collects what it writes.
 *
 * It gets a process group of its own, which is killed when it ends: nothing that it starts outlives it,
 * and it does not outlive this process.
 *
 * @throws {Error} when it cannot be started.
 */
export async function startProcess(
  fileOrCommand: string,
  args: readonly string[] = [],
  { cwd, env, input, graceMs = 5_000 }: StartProcessOptions = {},
): Promise<RunningProcess> {
  const isScript = scripts.has(extname(fileOrCommand));
  const [command, commandArguments] = isScript
    ? [process.execPath, [...nodeFlags, fileOrCommand, ...args]]
    : [fileOrCommand, args];
  const child = spawn(command, commandArguments, { cwd, env: { ...process.env, ...env }, detached: true });
  const killGroup = () => {
    if (child.pid !== undefined) signalIfThere(-child.pid, 'SIGKILL');
  };
  const ended = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  child.once('exit', () => {
    killGroup();
    process.off('exit', killGroup);
  });
  await once(child, 'spawn');
  process.once('exit', killGroup);
  // A process that does not read its input closes the pipe, which is no fault of the test.
  child.stdin.on('error', () => undefined).end(input);

  const listeners = new Set<(line: string) => void>();
  const tell = (line: string) => listeners.forEach((listener) => listener(line));
  const outputs = [collectOutput(child.stdout, tell), collectOutput(child.stderr, tell)] as const;
  const exit = ended.then(async (how) => {
    // Whoever has left the process group may hold the output open for ever, so this wait has an end of its own.
    await within(1_000, Promise.all(outputs.map((output) => output.ended)));
    for (const stream of child.stdio) stream?.destroy();
    return how;
  });
  const end = exit.then(({ code, signal }) => `${code ?? signal}`);

  const dispose = async () => {
    child.kill('SIGTERM');
    await within(graceMs, ended);
    if (child.exitCode === null && child.signalCode === null) killGroup();
    await exit;
  };
  let disposal: Promise<void> | undefined;
  return {
    pid: child.pid as number,
    get stdout() {
      return outputs[0].text();
    },
    get stderr() {
      return outputs[1].text();
    },
    exit,
    line: (wanted, { timeoutMs = 30_000 } = {}) =>
      awaitLine({ name: fileOrCommand, outputs, listeners, end }, wanted, timeoutMs),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    [Symbol.asyncDispose]: () => (disposal ??= dispose()),
  };
}
