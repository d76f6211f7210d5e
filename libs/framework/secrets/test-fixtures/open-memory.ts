import { collectLogger, createManualClock } from '@org/testing';
import { createMemorySecrets, type MemorySecretsOptions } from '../src/testing/index.ts';

/** An open store in memory, on a clock that a test moves on. */
export async function openMemory(options: MemorySecretsOptions = {}) {
  const memory = createMemorySecrets(options);
  const logger = collectLogger();
  const clock = createManualClock();
  const service = { name: 'orders', version: '1.0.0', commit: undefined };
  const secrets = await memory.store.open({}, { logger, service, clock });
  const { signal } = new AbortController();
  return {
    memory,
    logger,
    clock,
    secrets,
    signal,
    read: (reference: string) => secrets.read(reference, { signal }),
    messages: (level: string) => logger.lines.filter((line) => line.level === level).map(({ message }) => message),
    [Symbol.asyncDispose]: () => secrets[Symbol.asyncDispose](),
  };
}
