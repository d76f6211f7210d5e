import { runOutsideCalls } from '@org/context';
import type { DeadLetter, Failure } from '../dead-letter.ts';
import type { Delivery, Outcome, OutgoingMessage, Running, Subscription } from '../transport.ts';
import { createDeque } from './deque.ts';

export type Deliver = (delivery: Delivery) => Promise<Outcome>;

export interface DeadEntry {
  readonly letter: DeadLetter;
  readonly deadAt: number;
}

/** A consumer of a queue. */
export interface Member extends Running {
  /** Gives back at once what is not settled, as when the consumer dies. */
  readonly abandon: () => void;
}

/** One queue: what is ready, what is being worked on, what waits for another attempt, and what was set aside. */
export interface MemoryQueue extends Disposable {
  isFull(): boolean;
  put(message: Pick<OutgoingMessage, 'id' | 'wire'>): void;
  attach(subscription: Subscription, deliver: Deliver): Member;
  /** The oldest first. */
  readonly dead: ReadonlySet<DeadEntry>;
  /** Puts a dead letter back among what is ready; `false` when it is gone. */
  redrive(entry: DeadEntry): boolean;
  remove(entry: DeadEntry): boolean;
}

interface Entry {
  /** In the order of publication. */
  readonly sequence: number;
  readonly id: string;
  readonly wire: Delivery['wire'];
  attempt: number;
  firstAt: number | undefined;
}

interface State {
  readonly prefetch: number;
  readonly ordered: boolean;
  readonly deliver: Deliver;
  readonly inFlight: Set<Entry>;
  /** What it gave back since it was told to stop: it goes to others when all is back, so that its order is kept. */
  readonly returned: Entry[];
  stopped: boolean;
  onSettled: () => void;
}

/** Makes an empty queue. Whatever is in it counts against the limit, also what is delayed, at work or dead. */
export function createMemoryQueue(name: string, limit: number): MemoryQueue {
  const ready = createDeque<Entry>();
  const delays = new Set<NodeJS.Timeout>();
  const dead = new Set<DeadEntry>();
  const members: State[] = [];
  let held = 0;
  let dispatching: NodeJS.Immediate | undefined;
  let turn = 0;
  let sequence = 0;

  const schedule = () => {
    if (ready.size > 0 && members.length > 0) dispatching ??= setImmediate(dispatch);
  };
  function dispatch(): void {
    dispatching = undefined;
    while (ready.size > 0) {
      const member = next();
      if (!member) return;
      hand(member, ready.shift()!);
    }
  }
  function next(): State | undefined {
    const hasRoom = (member: State) => !member.stopped && member.inFlight.size < member.prefetch;
    // Order holds as long as one member at a time is served, and what it left is back before the next one is.
    if (members[0]?.ordered) return hasRoom(members[0]) ? members[0] : undefined;
    for (let tried = 0; tried < members.length; tried += 1) {
      const member = members[turn++ % members.length]!;
      if (hasRoom(member)) return member;
    }
    return undefined;
  }
  function hand(member: State, entry: Entry): void {
    const { id, wire } = entry;
    entry.attempt += 1;
    const firstAt = (entry.firstAt ??= Date.now());
    member.inFlight.add(entry);
    // Whoever published is not whom the work is done for, as little as over a network.
    const outcome = runOutsideCalls(() => member.deliver({ id, wire, attempt: entry.attempt, firstAt }));
    void outcome.then((settled) => settle(member, entry, settled));
  }
  function settle(member: State, entry: Entry, outcome: Outcome): void {
    // It was given back meanwhile, and is somebody else's now.
    if (!member.inFlight.delete(entry)) return;
    if (outcome.kind === 'acknowledge') held -= 1;
    else if (outcome.kind === 'dead-letter') bury(entry, outcome.failure);
    else if (outcome.delayMs === 0 && member.stopped) member.returned.push(entry);
    else if (outcome.delayMs === 0) ready.unshift(entry);
    else delay(entry, outcome.delayMs);
    member.onSettled();
    schedule();
  }
  function bury({ id, wire }: Entry, failure: Failure): void {
    dead.add({ letter: { id, subscription: name, failure, wire }, deadAt: Date.now() });
  }
  function delay(entry: Entry, delayMs: number): void {
    const timer = setTimeout(() => {
      delays.delete(timer);
      ready.push(entry);
      schedule();
    }, delayMs);
    delays.add(timer.unref());
  }
  function giveBack(member: State): void {
    const left = [...member.inFlight, ...member.returned.splice(0)];
    for (const entry of left.sort((one, other) => other.sequence - one.sequence)) ready.unshift(entry);
    member.inFlight.clear();
  }
  function leave(member: State): void {
    giveBack(member);
    const index = members.indexOf(member);
    if (index >= 0) members.splice(index, 1);
    schedule();
  }

  return {
    dead,
    isFull: () => held >= limit,
    put({ id, wire }) {
      held += 1;
      ready.push({ sequence: sequence++, id, wire, attempt: 0, firstAt: undefined });
      schedule();
    },
    attach({ prefetch, ordered }, deliver) {
      const member: State = {
        prefetch,
        ordered,
        deliver,
        inFlight: new Set(),
        returned: [],
        stopped: false,
        onSettled: () => {},
      };
      members.push(member);
      schedule();
      return {
        async stop(signal) {
          member.stopped = true;
          await untilSettled(member, signal);
          leave(member);
        },
        lag: async () => ready.size,
        abandon() {
          member.stopped = true;
          leave(member);
          member.onSettled();
        },
      };
    },
    redrive(entry) {
      if (!dead.delete(entry)) return false;
      const { id, wire } = entry.letter;
      ready.push({ sequence: sequence++, id, wire, attempt: 0, firstAt: undefined });
      schedule();
      return true;
    },
    remove(entry) {
      if (!dead.delete(entry)) return false;
      held -= 1;
      return true;
    },
    [Symbol.dispose]() {
      clearImmediate(dispatching);
      for (const timer of delays) clearTimeout(timer);
      for (const member of [...members]) leave(member);
    },
  };
}

function untilSettled(member: State, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    member.onSettled = () => {
      if (member.inFlight.size === 0) end();
    };
    if (member.inFlight.size === 0 || signal.aborted) return end();
    signal.addEventListener('abort', end);
  });
}
