import { ServiceError } from '@org/errors';
import { isMemory } from '../open-broker.ts';
import type { BrokerSettings } from '../settings.ts';

/** @throws {ServiceError} failed_precondition, BROKER_IN_MEMORY, where the broker is in the memory of another process. */
export function assertShared(settings: BrokerSettings, doing: string, remedy: string): void {
  if (!isMemory(settings)) return;
  const message = `Cannot ${doing} from here: BROKER_URL is \`memory:\`, so that the broker is in the running service alone. ${remedy}`;
  throw new ServiceError('failed_precondition', message, { reason: 'BROKER_IN_MEMORY' });
}
