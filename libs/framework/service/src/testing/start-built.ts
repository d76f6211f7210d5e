import { dirname, resolve } from 'node:path';
import type { Environment } from '@org/config';
import { startProcess, type RunningProcess } from '@org/testing';
import { originOf } from './start-service.ts';
import { testEnvironment } from './test-environment.ts';

/** A service that runs from its built file. Disposing it ends the process. */
export interface BuiltService extends AsyncDisposable {
  readonly url: string;
  readonly opsUrl: string;
  readonly links: Readonly<Record<string, string>>;
  readonly process: RunningProcess;
  /** What it has logged so far, line by line. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Starts a built service, `dist/main.js`, as a process of its own on free ports, and waits until it is ready.
 *
 * @throws {Error} with what it has written, when it ends or is not ready after 20 s.
 */
export async function startBuilt(
  file: string,
  { environment = {} }: { environment?: Environment } = {},
): Promise<BuiltService> {
  const main = resolve(file);
  const child = await startProcess(main, [], {
    // An empty folder would do: the bundle needs nothing but what lies beside it.
    cwd: dirname(main),
    env: { NODE_OPTIONS: undefined, ...testEnvironment, ...environment },
  });
  try {
    const ready = JSON.parse(await child.line(/"links":/, { timeoutMs: 20_000 })) as { links: Record<string, string> };
    const { links } = ready;
    return {
      url: links.API ?? '',
      opsUrl: originOf(links.Health),
      links,
      process: child,
      get logs() {
        return linesOf(child.stdout);
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

function linesOf(text: string): Record<string, unknown>[] {
  // What stands behind the last newline is a line that is still being written.
  const lines = text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
