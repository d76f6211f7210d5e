import type { DefinedEvent } from '../../messages/defined-events.ts';
import type { EventName } from '../../messages/message-name.ts';

/** The handler, which does nothing yet: its line in the log has the type and the id of the event. */
export function handlerText({ type, handler }: EventName, { constant }: DefinedEvent): string {
  return `// ${type}
export const ${handler} = () =>
  handle(${constant}, (_incoming, { logger }) => logger.info('Consumed, and nothing is done about it yet'));`;
}

/** A test of the handler alone, with the example of the event. */
export function handlerTest(scope: string, { type, handler, file }: EventName, event: DefinedEvent): string {
  const { constant, contract } = event;
  return `import { deliverTo } from '${scope}/messaging/testing';
import { ${constant} } from '${contract.manifest.name}';
import { expect, test } from 'vitest';
import { ${handler} } from './${file}.ts';

test('${type} is taken as its contract has it', async () => {
  const { deliver } = await deliverTo([${handler}()]);
  const [example] = Object.values(${constant}.examples ?? {});
  expect(await deliver(${constant}, example!.data as never)).toEqual({ kind: 'acknowledge' });
});
`;
}
