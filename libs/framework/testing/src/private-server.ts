/** A server, such as a broker or a database, that a test may use, however it came by it. */
export interface FoundServer extends AsyncDisposable {
  /** Whatever URL leads to it; a user and a password may stand in it. */
  readonly url: string;
  /** Ends it where it is the test's own. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server of the test's own, on a free port of the loopback interface, with its data in a folder of its own. */
export interface PrivateServer extends FoundServer {
  /** The same after a restart. */
  readonly port: number;
  /** Without user and password. */
  readonly url: string;
  /** Ends it by SIGKILL, as a crash does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again, with what it has on disk. Resolves when it answers. */
  restart(): Promise<void>;
  /** Stops it by SIGSTOP: its connections stay open, and nothing answers. Resolves when it stands still. */
  freeze(): Promise<void>;
  /** Lets it go on by SIGCONT. */
  thaw(): Promise<void>;
  /** Ends it, and deletes what it kept. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a server of the test's own can do, by how it is run, ended and sent signals. */
export function controlOf({
  run,
  kill,
  signal,
}: {
  run: () => Promise<void>;
  kill: () => Promise<void>;
  signal: (name: NodeJS.Signals) => Promise<void>;
}): Pick<PrivateServer, 'kill' | 'restart' | 'freeze' | 'thaw'> {
  return {
    kill,
    async restart() {
      await kill();
      await run();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  };
}

/** What differs from one kind of server to the other where a test looks for one. */
export interface ServerKind {
  /** Holds the URL of the one to take. */
  readonly variable: string;
  /** Where one is looked for when the variable is not set. */
  readonly usualUrl: string;
  readonly usualPort: number;
  readonly answers: (port: number, host: string, protocol: string) => Promise<boolean>;
  readonly start: () => Promise<FoundServer | undefined>;
}

/**
 * The one that the variable names, else the one at the usual place, else one of the test's own.
 *
 * @throws {Error} when the variable is set and nothing answers there.
 */
export async function findServer(
  { variable, usualUrl, usualPort, answers, start }: ServerKind,
  environment: NodeJS.ProcessEnv,
): Promise<FoundServer | undefined> {
  const named = environment[variable] || undefined;
  const url = named ?? usualUrl;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (await answers(Number(port || usualPort), host, protocol)) return { url, [Symbol.asyncDispose]: async () => {} };
  if (named !== undefined) throw new Error(`Nothing answers at ${variable}, ${hostname}:${port || usualPort}`);
  return start();
}
