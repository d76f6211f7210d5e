import type { TopologyReport, TopologyRow, Wanted } from '@org/messaging';
import { exchanges, queryDeclaration, subscriptionDeclarations, type Declaration } from './declarations.ts';
import { declare, explainConflict, isConflict, isMissing } from './declare.ts';
import type { Link } from './link.ts';
import { withChannel } from './queue.ts';

/**
 * Compares what is wanted with what the broker has. It asks whether something is there before it asks, by declaring it,
 * whether that is made as it has to be: nothing is made.
 */
export async function compareTopology(
  link: Link,
  { subscriptions, publishes, answers }: Wanted,
  { queueLimit, signal }: { queueLimit: number | undefined; signal: AbortSignal },
): Promise<TopologyReport> {
  const rows: TopologyRow[] = [];
  const declared = [
    ...exchanges,
    ...subscriptions.flatMap((each) => subscriptionDeclarations(each, queueLimit)),
    ...answers.map(({ type }) => queryDeclaration(type)),
  ];
  for (const declaration of declared) rows.push(await rowOf(link, declaration, signal));
  for (const { type } of publishes) {
    const detail = 'RabbitMQ does not tell who takes it; publishing it does';
    rows.push({ kind: 'type', name: type, state: 'unknown', detail });
  }
  return { rows };
}

async function rowOf(link: Link, declaration: Declaration, signal: AbortSignal): Promise<TopologyRow> {
  const { kind, purpose } = declaration;
  if (declaration.kind === 'binding') {
    const name = `${declaration.exchange} → ${declaration.queue}`;
    return { kind, name, state: 'unknown', detail: `${purpose}; RabbitMQ does not tell whether it is there` };
  }
  const { name } = declaration;
  const ask = (passive: boolean) =>
    withChannel(link, { doing: `look at \`${name}\``, signal }, (channel) => declare(channel, declaration, passive));
  try {
    await ask(true);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const detail = kind === 'queue' && declaration.autoDelete ? `${purpose}; there while somebody answers` : purpose;
    return { kind, name, state: 'missing', detail };
  }
  try {
    await ask(false);
    return { kind, name, state: 'present', detail: purpose };
  } catch (error) {
    if (!isConflict(error)) throw error;
    return { kind, name, state: 'conflict', detail: explainConflict(declaration, error as Error) };
  }
}
