import type { MessageKind, Subscription } from '@org/messaging';

/*
 * How things are called on the server. Names of streams and consumers take no dots; types and groups have no underscores,
 * so that nothing is called as something else.
 */

type Stored = Exclude<MessageKind, 'query'>;

/** The subject to which messages of a type are published: `events.orders.order.placed.v1`. */
export function subjectOf(kind: MessageKind, type: string): string {
  return `${folderOf(kind)}.${type}`;
}

/** The stream that keeps messages of a type: `events_orders_order_placed_v1`. */
export function streamOf(kind: Stored, type: string): string {
  return `${folderOf(kind)}_${flat(type)}`;
}

/** The subjects of that stream: what is published, and what is redriven to one of its consumers. */
export function subjectsOf(kind: Stored, type: string): readonly [string, string] {
  return [subjectOf(kind, type), `redriven.${subjectOf(kind, type)}.*`];
}

/** The consumer of a subscription, in each of its streams: `shop__orders_order_placed_v1`. */
export function consumerOf({ name }: Pick<Subscription, 'name'>): string {
  return flat(name.replaceAll('/', '__'));
}

/** What only this subscription takes from the stream of its newest type. */
export function redrivenSubjectOf(subscription: Subscription): string {
  return `redriven.${subjectOf(subscription.kind, newestOf(subscription))}.${consumerOf(subscription)}`;
}

/** The stream that keeps the dead letters of a subscription. */
export function deadStreamOf(subscription: Pick<Subscription, 'name'>): string {
  return `dead_${consumerOf(subscription)}`;
}

export function deadSubjectOf(subscription: Pick<Subscription, 'name'>): string {
  return `dead-letters.${consumerOf(subscription)}`;
}

/** The type whose stream has what is redriven. */
export function newestOf({ name, types }: Subscription): string {
  const [newest = name] = types;
  return newest;
}

function folderOf(kind: MessageKind): string {
  return kind === 'query' ? 'queries' : `${kind}s`;
}

function flat(name: string): string {
  return name.replaceAll('.', '_');
}
