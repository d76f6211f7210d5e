import { createInstruments } from '@org/metrics';
import { metrics, type Attributes } from '@opentelemetry/api';
import type { BrokerCore } from './core.ts';
import { library } from './instruments.ts';

/** How long a look at one queue may take, in milliseconds: whoever collects metrics waits for it. */
const timeoutMs = 2_000;

/** Has lag and dead letters of what is consumed here looked up whenever somebody collects metrics. Gives what ends it. */
export function observeQueues({ consumed, system, transport }: BrokerCore): () => void {
  const make = createInstruments(library);
  const lag = make.observableGauge('messaging.consumer.lag', {
    description: 'Messages in the queue of a subscription that were not delivered yet.',
    unit: '{message}',
  });
  const dead = make.observableGauge('messaging.dead_letters', {
    description: 'Messages of a subscription that were set aside.',
    unit: '{message}',
  });
  const age = make.observableGauge('messaging.dead_letters.oldest.age', {
    description: 'How long ago the oldest dead letter of a subscription was set aside; 0 where there is none.',
    unit: 's',
  });
  const instruments = [lag, dead, age];
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    const looks = [...consumed].map(async ({ subscription, running }) => {
      const attributes: Attributes = { 'messaging.system': system, 'messaging.subscription.name': subscription.name };
      const signal = AbortSignal.timeout(timeoutMs);
      // What a broker that is away cannot tell stays as it was.
      const [waiting, size] = await Promise.allSettled([
        running.lag(signal),
        transport.deadLetters(subscription).size(signal),
      ]);
      if (waiting.status === 'fulfilled') result.observe(lag, waiting.value, attributes);
      if (size.status === 'rejected') return;
      const { count, oldestAt } = size.value;
      result.observe(dead, count, attributes);
      result.observe(age, oldestAt === undefined ? 0 : Math.max(0, Date.now() - oldestAt) / 1000, attributes);
    });
    await Promise.all(looks);
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
