import type { Broker } from '../broker.ts';
import { core, type Consumed } from '../core.ts';
import type { DeadLetter, Selection } from '../dead-letter.ts';
import { deadLettersOf, type DeadLetters } from '../dead-letters/act.ts';
import type { World } from './world.ts';

/** The dead letters of what a broker consumes. */
export function storeOf(broker: Broker): DeadLetters {
  const { transport, consumed } = broker[core];
  return deadLettersOf(transport, () => [...consumed].map(({ subscription }) => subscription));
}

/** What a broker consumes first. */
export function firstConsumed(broker: Broker): Consumed {
  const [first] = broker[core].consumed;
  if (!first) throw new Error('The broker consumes nothing');
  return first;
}

/** The oldest of them. */
export function lettersOf(broker: Broker, limit = 100): Promise<readonly DeadLetter[]> {
  return storeOf(broker).list(all(limit), AbortSignal.timeout(5_000));
}

export function all(limit = 100): Selection {
  return { matches: () => true, limit };
}

/** The same, once there are so many. */
export function awaitLetters(world: World, broker: Broker, count: number): Promise<readonly DeadLetter[]> {
  const look = async () => {
    const letters = await lettersOf(broker);
    return letters.length === count ? letters : undefined;
  };
  return world.waitFor(look, `dead letters: ${count}`);
}
