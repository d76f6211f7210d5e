import { runOutsideCalls } from '@org/context';
import type { Delivery, Failure, Outcome, Subscription } from '@org/messaging';
import { readIncoming, type Incoming } from './incoming.ts';
import type { Link } from './link.ts';
import { redrivenSubjectOf } from './names.ts';
import { acknowledged, answerTo, deliverAgain, inProgress, tell } from './settlement.ts';
import { createMemory } from './memory.ts';
import { createTurn } from './turn.ts';
import { settledOr } from './until.ts';
import { ackWaitMs } from './wanted.ts';
import type { Msg } from '@nats-io/transport-node';

/** What was delivered to one subscription, until it is settled. */
export interface Intake {
  /** Takes a delivery: hands it over, or keeps it until there is room. */
  take(message: Msg, deliveredBefore: number): void;
  /** How many more may be asked for. */
  room(): number;
  /** Takes nothing new. */
  halt(): void;
  /** Takes nothing new, and waits until what is here is settled, or for the signal. */
  stop(signal: AbortSignal): Promise<void>;
  /** Nothing is asked for any more: what is given back before would be delivered here once again. */
  quiet(): void;
  /** Gives back what is not settled. */
  giveBack(): void;
}

export interface IntakeParts {
  readonly link: Link;
  readonly subscription: Subscription;
  readonly deliver: (delivery: Delivery) => Promise<Outcome>;
  /** Stores a dead letter, and gives what becomes of the message then; `undefined` when it did not come to it before the end. */
  readonly bury: (incoming: Incoming, failure: Failure) => Promise<Outcome | undefined>;
  /** Called when there is room again. */
  readonly onRoom: () => void;
}

/** How many settled messages are remembered, in case that the server did not hear of it. */
const remembered = 10_000;

export function createIntake({ link, subscription, deliver, bury, onRoom }: IntakeParts): Intake {
  const { prefetch, ordered } = subscription;
  const redriven = redrivenSubjectOf(subscription);
  const atWork = new Map<string, Incoming>();
  const waiting = new Map<string, Incoming>();
  const returned: Incoming[] = [];
  const turn = createTurn();
  const settled = createMemory(remembered);
  let stopped = false;
  let isQuiet = false;
  let onEmpty = () => {};

  const signals = setInterval(() => {
    const now = performance.now();
    for (const each of here()) if (now - each.since > ackWaitMs / 4) tell(link.current(), each, inProgress);
  }, ackWaitMs / 3);
  // Whoever was away for a while says at once what it still has.
  const forget = link.onConnect((connection) => {
    for (const each of here()) tell(connection, each, inProgress);
  });

  function* here(): Iterable<Incoming> {
    yield* atWork.values();
    yield* waiting.values();
    yield* returned;
  }
  function hand(incoming: Incoming): void {
    atWork.set(incoming.key, incoming);
    // Whoever connected is not whom the work is done for.
    const outcome = runOutsideCalls(() => deliver(incoming.delivery));
    void outcome.then((what) => settle(incoming, what));
  }
  async function settle(incoming: Incoming, decided: Outcome): Promise<void> {
    const { key } = incoming;
    // It was given back meanwhile.
    if (!atWork.has(key)) return;
    const outcome = decided.kind === 'dead-letter' ? await bury(incoming, decided.failure) : decided;
    if (!outcome) return;
    if (!link.current()) await link.connected(link.closed);
    if (!atWork.delete(key)) return;
    if (stopped && outcome.kind === 'retry' && outcome.delayMs === 0) giveBackUnseen(incoming);
    else turn.add(() => tell(link.current(), incoming, answerTo(outcome)));
    if (outcome.kind !== 'retry') settled.add(key);
    if (atWork.size === 0) onEmpty();
    if (stopped) return;
    const next = waiting.values().next();
    if (!next.done && waiting.delete(next.value.key)) return hand(next.value);
    onRoom();
  }
  /** Whoever else is there may have it soon; where order counts, not before what is older is back. */
  function giveBackUnseen(incoming: Incoming): void {
    if (!isQuiet || ordered) returned.push(incoming);
    else tell(link.current(), incoming, deliverAgain(0));
  }
  /** Gives back, the oldest first, so that their order is kept. */
  function giveBack(): void {
    turn.end();
    stopped = true;
    clearInterval(signals);
    forget();
    const left = [...here()].sort((one, other) => one.sequence - other.sequence);
    for (const each of left) tell(link.current(), each, deliverAgain(0));
    for (const all of [atWork, waiting]) all.clear();
    returned.length = 0;
    onEmpty();
  }

  return {
    room: () => (stopped ? 0 : Math.max(0, prefetch - atWork.size - waiting.size)),
    take(message, deliveredBefore) {
      const incoming = readIncoming(message, deliveredBefore);
      if (!incoming) return;
      const { key, subject } = incoming;
      // Redriven for another subscription, or settled already, of which the server did not hear.
      const isForeign = subject.startsWith('redriven.') && subject !== redriven;
      if (isForeign || settled.has(key)) return tell(link.current(), incoming, acknowledged);
      const known = atWork.get(key) ?? waiting.get(key);
      // It is here still: the server only thought that nobody had it.
      if (known) known.reply = incoming.reply;
      else if (stopped) giveBackUnseen(incoming);
      else if (atWork.size < prefetch) hand(incoming);
      else waiting.set(key, incoming);
    },
    halt() {
      stopped = true;
    },
    async stop(signal) {
      stopped = true;
      for (const each of waiting.values()) giveBackUnseen(each);
      waiting.clear();
      const empty = new Promise<void>((resolve) => (onEmpty = resolve));
      if (atWork.size > 0) await settledOr(signal, empty);
    },
    quiet() {
      isQuiet = true;
      if (!ordered) for (const each of returned.splice(0)) giveBackUnseen(each);
    },
    giveBack,
  };
}
