import { defineSettings, secret, text, variable } from '@org/config';
import { defineCommand, defineContract, defineEvent, defineQuery } from '@org/contract';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineService } from './define-service.ts';
import { describeService } from './describe.ts';

const contract = defineContract({ name: 'greeter', version: '1.0.0', title: 'Greeter', operations: [] });
const base = { name: 'greeter', config: {}, contract, start: async () => {} };
const command = (name: string) => ({ name, summary: 'Does it.', run: async () => {} });
const settings = (references: boolean) =>
  defineSettings({
    token: variable('STORE_TOKEN', secret(text()), {
      description: 'x',
      optional: true,
      ...(!references && { references }),
    }),
  });
const open = async () => {
  throw new Error('not opened here');
};

describe('misuse', () => {
  test.each(['', 'Greeter', 'greeter_1', '1greeter', 'greeter-', '-greeter', 'gree ter'])(
    'refuses the name %j',
    (name) => {
      expect(() => defineService({ ...base, name })).toThrow(TypeError);
    },
  );

  test.each(['serve', 'describe', 'check-config', 'print-config', 'help'])('refuses a command named %s', (name) => {
    expect(() => defineService({ ...base, commands: [command(name)] })).toThrow(/name of its own/);
  });

  test('refuses two commands of one name', () => {
    expect(() => defineService({ ...base, commands: [command('x'), command('x')] })).toThrow(/got `x` again/);
  });

  test('refuses settings of a secret store that would need a secret store', () => {
    const store = { scheme: 'vault', settings: settings(true), open };
    expect(() => defineService({ ...base, secrets: [store] })).toThrow(/STORE_TOKEN.*`references: false`/);
  });

  test.each(['service', 'logging', 'telemetry', 'health', 'secrets-vault'])(
    'refuses settings under the name %s, which the kernel reads itself',
    (name) => {
      const secrets = [{ scheme: 'vault', settings: settings(false), open }];
      const config = { [name]: defineSettings({ x: variable('X', text(), { description: 'x', default: 'x' }) }) };
      expect(() => defineService({ ...base, secrets, config })).toThrow(`got \`${name}\``);
    },
  );
});

test('describes settings, contract, stores and commands without an environment', () => {
  const { definition } = defineService({
    ...base,
    secrets: [{ scheme: 'vault', settings: settings(false), open }],
    commands: [{ ...command('migration'), usage: 'apply' }, command('topology')],
  });
  const described = describeService(definition);
  expect(described).toMatchObject({
    name: 'greeter',
    contract: { name: 'greeter', version: '1.0.0', operations: [] },
    connections: [],
    secretStores: ['env', 'vault'],
    commands: [
      { name: 'migration', usage: 'apply', summary: 'Does it.' },
      { name: 'topology', summary: 'Does it.' },
    ],
  });
  const names = described.settings.fragments.flatMap(({ variables }) => variables.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(['OPS_PORT', 'SHUTDOWN_TIMEOUT', 'LOG_LEVEL', 'STORE_TOKEN']));
  expect(JSON.parse(JSON.stringify(described))).toEqual(described);
});

test('describes the messages of the contract, and what a command says of itself', () => {
  const data = z.object({ name: z.string() });
  const greeted = defineEvent({ type: 'greeter.guest.greeted.v1', summary: 'A guest was greeted', data });
  const greet = defineCommand({ type: 'greeter.guest.greet.v1', summary: 'Greet a guest', data });
  const greeting = defineQuery({ type: 'greeter.greeting.v1', summary: 'The greeting', request: data, reply: data });
  const promises = { publishes: [greeted], consumes: ['hotel.guest.arrived.v1', greeted], handles: [greet] };
  const { definition } = defineService({
    ...base,
    contract: defineContract({ ...contract, ...promises, answers: [greeting] }),
    commands: [{ ...command('topology'), describe: ({ name }) => ({ queues: [`${name}/x`] }) }],
  });
  expect(describeService(definition)).toMatchObject({
    contract: {
      publishes: [{ type: 'greeter.guest.greeted.v1', summary: 'A guest was greeted' }],
      consumes: [{ type: 'hotel.guest.arrived.v1' }, { type: 'greeter.guest.greeted.v1' }],
      handles: [{ type: 'greeter.guest.greet.v1' }],
      answers: [{ type: 'greeter.greeting.v1', summary: 'The greeting' }],
    },
    commands: [{ name: 'topology', queues: ['greeter/x'] }],
  });
});
