import { systemClock, type Clock } from '@org/secrets';
import { collectLogger, temporaryDirectory } from '@org/testing';
import { kubernetes } from '../src/index.ts';

/** A store over a folder of its own. */
export async function openVolumes({ path, clock = systemClock }: { path?: string; clock?: Clock } = {}) {
  const folder = await temporaryDirectory();
  const root = path ?? folder.path;
  const logger = collectLogger();
  const service = { name: 'orders', version: '1.0.0', commit: undefined };
  const secrets = await kubernetes.open({ path: root }, { logger, service, clock });
  const { signal } = new AbortController();
  return {
    folder: folder.path,
    root,
    logger,
    secrets,
    signal,
    read: (reference: string) => secrets.read(reference, { signal }),
    messages: (level: string) => logger.lines.filter((line) => line.level === level).map(({ message }) => message),
    async [Symbol.asyncDispose]() {
      await secrets[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
