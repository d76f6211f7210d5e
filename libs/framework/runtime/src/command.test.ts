import { expect, expectTypeOf, test } from 'vitest';
import type { Command, CommandContext } from './command.ts';

test('a plain object is a command, which opens what it needs and prints', async () => {
  const topology: Command = {
    name: 'topology',
    summary: 'Lists queues and their bindings.',
    async run({ arguments: [queue], start, print }) {
      const broker = await start('broker', ({ service }) => ({
        describe: () => `${service.name}: ${queue}`,
        [Symbol.asyncDispose]: async () => undefined,
      }));
      print(broker.describe());
    },
  };
  const lines: string[] = [];
  const context: Partial<CommandContext> = {
    arguments: ['orders'],
    start: async (_, open) => await open({ service: { name: 'example-service' } } as Parameters<typeof open>[0]),
    print: (line) => void lines.push(line),
  };
  await topology.run(context as CommandContext);
  expect(lines).toEqual(['example-service: orders']);
});

test('a command sees the settings of its service', () => {
  expectTypeOf<CommandContext<{ database: string }>['settings']>().toEqualTypeOf<{ database: string }>();
});

test('what a command opens has something of a resource', () => {
  expectTypeOf<CommandContext['start']>().toBeCallableWith('broker', () => ({ kind: 'messaging' as const }));
  // @ts-expect-error There is nothing in it that the kernel could watch or close.
  expectTypeOf<CommandContext['start']>().toBeCallableWith('broker', () => ({ url: 'memory:' }));
});
