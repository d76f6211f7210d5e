import type { MessagePromises } from '@org/contract';
import { ServiceError } from '@org/errors';
import type { Command, CommandContext } from '@org/runtime';
import { coreOf } from '../core.ts';
import { openBroker } from '../open-broker.ts';
import type { BrokerAdapters, BrokerSettings } from '../settings.ts';
import { assertShared } from './assert-shared.ts';
import { declaredSubscriptions, type DeclaredOptions } from './declared.ts';

/** How long the look may take, in milliseconds. */
const timeoutMs = 60_000;

/**
 * The sub-command `topology`: what the service's contract needs of the broker, beside what the broker has. It changes nothing.
 *
 * @throws {ServiceError} failed_precondition, with BROKER_IN_MEMORY, where the broker is in the memory of another process, or
 *   with TOPOLOGY_CONFLICT, when something there is made otherwise.
 */
export function topology({ adapters, ...declared }: BrokerAdapters & DeclaredOptions = {}): Command<{
  readonly broker: BrokerSettings;
}> {
  return {
    name: 'topology',
    summary: 'Compares what the service needs of the broker with what is there.',
    usage: '[--json]',
    describe: ({ name, contract }) => ({
      queues: declaredSubscriptions(contract as MessagePromises, declared, name).map((queue) => ({
        name: queue.name,
        takes: queue.types,
      })),
    }),
    async run({ arguments: line, settings, start, print }: CommandContext<{ readonly broker: BrokerSettings }>) {
      const [unknown] = line.filter((word) => word !== '--json');
      if (unknown !== undefined) {
        throw new ServiceError('invalid_argument', `Cannot compare the topology: \`${unknown}\` is no option`);
      }
      assertShared(settings.broker, 'compare the topology', 'It makes what it needs at each start');
      const broker = await start('broker', (runtime) =>
        openBroker(settings.broker, { ...(adapters && { adapters }) }, runtime),
      );
      const { promises, service, transport } = coreOf(broker);
      const wanted = {
        subscriptions: declaredSubscriptions(promises, declared, service.name),
        publishes: promises.publishes ?? [],
        answers: (promises.answers ?? []).map(({ type }) => ({ type, concurrency: 1 })),
      };
      const { rows } = await transport.topology(wanted, AbortSignal.timeout(timeoutMs));
      for (const row of rows) {
        const { kind, name, state, detail } = row;
        print(line.includes('--json') ? JSON.stringify(row) : [state, kind, name, detail].join('  '));
      }
      const conflicts = rows.filter(({ state }) => state === 'conflict').map(({ name }) => `\`${name}\``);
      if (conflicts.length === 0) return;
      const message = `The broker has something that is made otherwise: ${conflicts.join(', ')}. See its line above`;
      throw new ServiceError('failed_precondition', message, { reason: 'TOPOLOGY_CONFLICT' });
    },
  };
}
