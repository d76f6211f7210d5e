import { finished } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import type { OpsHandler, OpsRequest, OpsResponse } from '@org/runtime';

const seconds = { least: 1, most: 60, default: 10 };

/**
 * The endpoints that look into the process. They need `OPS_TOKEN`, since a heap snapshot holds every text in memory,
 * secrets included, and both slow the service down. One at a time is taken.
 */
export function createProfileHandlers({ service, logger }: { service: string; logger: Logger }): OpsHandler[] {
  let running: string | undefined;
  const begin = (what: string) => {
    if (running !== undefined) {
      const message = `Cannot take a ${what}: a ${running} is being taken. Ask again when that has ended`;
      throw new ServiceError('aborted', message, { reason: 'PROFILE_RUNNING' });
    }
    running = what;
  };
  const end = () => (running = undefined);
  const file = (extension: string) => ({
    'content-type': 'application/json',
    'content-disposition': `attachment; filename="${service}-${new Date().toISOString().replaceAll(':', '-')}.${extension}"`,
  });

  async function cpuProfile({ query, signal }: OpsRequest): Promise<OpsResponse> {
    const durationSeconds = secondsOf(query);
    begin('CPU profile');
    try {
      logger.info({ seconds: durationSeconds }, 'A CPU profile is being taken');
      return { headers: file('cpuprofile'), body: await recordCpu(durationSeconds * 1_000, signal) };
    } finally {
      end();
    }
  }

  async function heapSnapshot({ signal }: OpsRequest): Promise<OpsResponse> {
    begin('heap snapshot');
    try {
      const { getHeapSnapshot } = await import('node:v8');
      signal.throwIfAborted();
      logger.info('A heap snapshot is being taken');
      const snapshot = getHeapSnapshot();
      finished(snapshot, end);
      return { headers: file('heapsnapshot'), body: snapshot };
    } catch (error) {
      end();
      throw error;
    }
  }

  return [
    {
      method: 'POST',
      path: '/profile/cpu',
      summary: 'Takes a CPU profile for ?seconds=10, from 1 to 60. Needs OPS_TOKEN.',
      access: 'token',
      handle: cpuProfile,
    },
    {
      method: 'POST',
      path: '/profile/heap',
      summary: 'Takes a heap snapshot, secrets included, and pauses the service meanwhile. Needs OPS_TOKEN.',
      access: 'token',
      handle: heapSnapshot,
    },
  ];
}

function secondsOf(query: URLSearchParams): number {
  const text = query.get('seconds') ?? String(seconds.default);
  const value = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (value >= seconds.least && value <= seconds.most) return value;
  const message = `Expected \`seconds\` to be a whole number from ${seconds.least} to ${seconds.most}`;
  throw new ServiceError('invalid_argument', message, { reason: 'OPS_QUERY_INVALID' });
}

/** A profile as Chrome's DevTools and VS Code open it. Rejects as soon as the signal aborts. */
async function recordCpu(durationMs: number, signal: AbortSignal): Promise<string> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await delay(durationMs, undefined, { signal });
    const { profile } = await session.post('Profiler.stop');
    return JSON.stringify(profile);
  } finally {
    // Ends a recording that is under way.
    session.disconnect();
  }
}
