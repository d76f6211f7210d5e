import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/generators/connect/generator.ts';
import { consumer } from '../src/generators/consumer/generator.ts';
import { event } from '../src/generators/event/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

const scratch = createCommittedScratch();
afterAll(() => scratch[Symbol.dispose]());

const nx = (...line: string[]) => {
  const { status, stdout, stderr } = scratch.run('nx', ...line);
  return { status, output: stdout + stderr };
};
const read = (file: string) => readFileSync(join(scratch.root, file), 'utf8');
const addEvent = (name: string, type: string) => generate(scratch.root, (tree) => event(tree, { service: name, type }));
const addConsumer = (name: string, type: string) =>
  generate(scratch.root, (tree) => consumer(tree, { service: name, type }));
const sent = 'parcels.parcel.sent.v1';
const main = (name: string) => read(`apps/${name}/src/main.ts`);

beforeAll(async () => {
  await generate(scratch.root, (tree) => service(tree, { name: 'plain' }));
  await generate(scratch.root, (tree) => service(tree, { name: 'quiet' }));
  scratch.commit();
}, 60_000);

describe('nx g service --broker', () => {
  test('makes a service that opens a broker and has the sub-commands for it, on all the adapters that there are', () => {
    const { status, output } = nx('g', `${scope}/tools:service`, 'parcels', '--broker');
    expect(status, output).toBe(0);
    expect(output).toContain(`npx nx g ${scope}/tools:event parcels`);
    expect(main('parcels')).toContain('commands: [deadLetters({ adapters }), topology({ adapters })],');
    expect(main('parcels')).toContain(
      "await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));",
    );
    expect(read('apps/parcels/test/built.test.ts')).toContain("BROKER_URL: 'memory:'");
    const elsewhere = scratch.changes().filter((file) => !/^(apps|libs\/contracts)\/parcels\//.test(file));
    expect(elsewhere).toEqual(['package-lock.json']);
    scratch.commit();
  }, 60_000);
});

describe('nx g event', () => {
  test('with --dry-run writes nothing', () => {
    const { status, output } = nx('g', `${scope}/tools:event`, 'parcels', sent, '--dry-run');
    expect({ status, changes: scratch.changes() }).toEqual({ status: 0, changes: [] });
    expect(output).toContain('CREATE libs/contracts/parcels/src/events.ts');
  });

  test('adds it to the contract with document and test, and says how it is published', async () => {
    expect(await addEvent('parcels', sent)).toContain('await broker.publish(parcelSent, { … });');
    expect(scratch.changes().sort()).toEqual([
      'libs/contracts/parcels/src/asyncapi.json',
      'libs/contracts/parcels/src/asyncapi.test.ts',
      'libs/contracts/parcels/src/contract.ts',
      'libs/contracts/parcels/src/events.ts',
      'libs/contracts/parcels/src/index.ts',
    ]);
    expect(read('libs/contracts/parcels/src/contract.ts')).toContain('publishes: [parcelSent],');
    expect(JSON.parse(read('libs/contracts/parcels/src/asyncapi.json'))).toMatchObject({
      operations: { [`publish.${sent}`]: { action: 'send' } },
    });
    scratch.commit();
  });

  test('opens a broker where there is none yet, and adds the next event to the same lists', async () => {
    await addEvent('plain', 'plain-things.thing.made.v1');
    await addEvent('plain', 'plain-things.thing.made.v2');
    expect(main('plain')).toContain("await start('broker'");
    expect(read('libs/contracts/plain/src/contract.ts')).toContain('publishes: [thingMade, thingMadeV2],');
    scratch.commit();
  });

  test.each([
    ['parcels.sent.v1', 'expected a type such as'],
    ['Parcels.parcel.sent.v1', 'expected a type such as'],
    ['parcels.parcel.sent', 'expected a type such as'],
    ['parcels.parcel.sent.v0', 'expected a type such as'],
    [`parcels.${'p'.repeat(200)}.sent.v1`, 'at most 200 characters'],
    ['payments.payment.settled.v1', `${scope}/payments-contract defines it, and an event has one publisher`],
    ['other.parcel.sent.v1', 'it would be called `parcelSent`, which libs/contracts/parcels/src/events.ts has already'],
  ])('refuses %s, and writes nothing', async (type, fault) => {
    await expect(addEvent('parcels', type)).rejects.toThrow(fault);
    expect(scratch.changes()).toEqual([]);
  });
});

describe('nx g consumer', () => {
  test('adds dependency, type, handler, test and `consume`, and names the broker that is open', async () => {
    await addEvent('quiet', 'quiet-things.thing.heard.v1');
    expect(await addConsumer('quiet', sent)).toContain('have `onParcelSent` do something about it');
    await addConsumer('quiet', 'plain-things.thing.made.v2');
    expect(main('quiet')).toContain('const broker = await start(');
    expect(main('quiet')).toContain('consume(broker, [onParcelSent(), onThingMadeV2()], {}, runtime)');
    expect(read('libs/contracts/quiet/src/contract.ts')).toContain(
      `consumes: ['${sent}', 'plain-things.thing.made.v2'],`,
    );
    expect(read('apps/quiet/package.json')).toContain(`"${scope}/parcels-contract": "*"`);
    expect(read('apps/quiet/src/consumers/parcels.ts')).toContain('export const onParcelSent = () =>');
    scratch.commit();
  });

  test('opens a broker where there is none yet, and consumes what the service publishes itself', async () => {
    await generate(scratch.root, (tree) => service(tree, { name: 'late' }));
    await addConsumer('late', 'payments.payment.settled.v1');
    await addConsumer('parcels', sent);
    expect(main('late')).toContain('consume(broker, [onPaymentSettled()], {}, runtime)');
    expect(main('parcels')).toContain('consume(broker, [onParcelSent()], {}, runtime)');
    scratch.commit();
  });

  test.each([
    ['parcels.parcel.lost.v1', `no contract defines it. The events of this workspace: `],
    ['parcels', 'expected a type such as'],
  ])('refuses %s, and writes nothing', async (type, fault) => {
    await expect(addConsumer('quiet', type)).rejects.toThrow(fault);
    expect(scratch.changes()).toEqual([]);
  });
});

test('the same again changes nothing', async () => {
  expect(await addEvent('parcels', sent)).toContain('Nothing to do');
  expect(await addConsumer('quiet', sent)).toContain('Nothing to do');
  expect(await addConsumer('parcels', sent)).toContain('Nothing to do');
  expect(scratch.changes()).toEqual([]);
});

test('what was generated passes lint, types, tests, build and end-to-end tests untouched, also with a client', async () => {
  await generate(scratch.root, (tree) => connect(tree, { from: 'quiet', to: 'parcels' }));
  const names = ['plain', 'quiet'].flatMap((name) => [name, `${name}-contract`]);
  const { status, output } = nx('run-many', '-t', 'lint', 'typecheck', 'test', 'build', 'e2e', '-p', names.join());
  expect(status, output).toBe(0);
  expect(nx('sync:check').status).toBe(0);
}, 600_000);

test('the lock file is as npm writes it', () => {
  const before = read('package-lock.json');
  const line = ['install', '--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  expect(spawnSync('npm', line, { cwd: scratch.root, encoding: 'utf8' }).status).toBe(0);
  expect(read('package-lock.json')).toBe(before);
});

describe('a generator of messages that cannot edit', () => {
  const cases = [
    {
      what: 'a `main.ts` that was rewritten by hand',
      file: 'apps/quiet/src/main.ts',
      text: `import { service } from './composition.ts';\n\nif (import.meta.main) await service.run();\n`,
      says: ['apps/quiet/src/main.ts', 'By hand, add there'],
    },
    {
      what: 'a contract that is made elsewhere',
      file: 'libs/contracts/quiet/src/contract.ts',
      text: `export { contract } from './made-elsewhere.ts';\n`,
      says: ['libs/contracts/quiet/src/contract.ts', `consumes: [… , 'payments.payment.settled.v1'],`],
    },
    {
      what: 'a `config.ts` without an object',
      file: 'apps/quiet/src/config.ts',
      text: `export { config } from './made-elsewhere.ts';\n`,
      says: ['apps/quiet/src/config.ts', 'broker: brokerSettings({ adapters }),'],
    },
  ];

  test.each(cases)('says so of $what, with what to do, and writes nothing', async ({ file, text, says }) => {
    const before = read(file);
    scratch.write(file, text);
    scratch.commit();
    const thrown = await addConsumer('quiet', 'payments.payment.settled.v1').catch((error: Error) => error);
    expect(thrown).toBeInstanceOf(Error);
    for (const part of says) expect((thrown as Error).message).toContain(part);
    expect(scratch.changes()).toEqual([]);
    scratch.write(file, before);
    scratch.commit();
  });
});
