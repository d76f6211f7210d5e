import type { Environment, Fragments, Settings } from '@org/config';
import type { Service } from '../define-service.ts';
import type { RunningService } from '../open-service.ts';
import { testEnvironment } from './test-environment.ts';

/** A service that runs inside the test's process. Disposing it stops it. */
export interface StartedService<ServiceSettings = unknown> extends RunningService<ServiceSettings> {
  /** Where its API is: `http://localhost:41234`; empty when it serves none. */
  readonly url: string;
  readonly opsUrl: string;
  /** What it has logged so far, line by line. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Starts a service inside this process, on free ports, with nothing of this process's environment but what is given here.
 * Errors that nobody catches stay the test's own.
 */
export async function startService<Config extends Fragments>(
  service: Service<Config>,
  { environment = {} }: { environment?: Environment } = {},
): Promise<StartedService<Settings<Config>>> {
  const logs: Record<string, unknown>[] = [];
  const running = await service.open({
    environment: { ...testEnvironment, ...environment },
    logs: (line) => void logs.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { ...running, url: running.links.API ?? '', opsUrl: originOf(running.links.Health), logs };
}

/** The origin of a URL; empty for none. */
export function originOf(url: string | undefined): string {
  return url === undefined ? '' : new URL(url).origin;
}
