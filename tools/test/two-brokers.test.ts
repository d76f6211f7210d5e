import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findNats,
  findRabbitmq,
  freePorts,
  natsRequirement,
  rabbitmqRequirement,
  skipUnless,
  startProcess,
  waitFor,
  type RunningProcess,
} from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consumer } from '../src/generators/consumer/generator.ts';
import { event } from '../src/generators/event/generator.ts';
import { route } from '../src/generators/route/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { readProjects } from '../src/workspace.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope, workspaceRoot } from './scratch.ts';

// Two generated services, each built once, exchange events over whichever broker `BROKER_URL` names. All that is written by
// hand is that the one publishes when it is asked to.

const scratch = createCommittedScratch();
const type = 'parcels.parcel.sent.v1';
const adapters = readProjects(workspaceRoot).map(({ shortName }) => shortName);
const brokers = [
  { adapter: 'messaging-rabbitmq', find: findRabbitmq, requirement: rabbitmqRequirement },
  { adapter: 'messaging-nats', find: findNats, requirement: natsRequirement },
].map((broker) => ({ ...broker, isThere: adapters.includes(broker.adapter) }));

beforeAll(async () => {
  if (!brokers.some(({ isThere }) => isThere)) return;
  for (const name of ['sender', 'receiver']) {
    await generate(scratch.root, (tree) => service(tree, { name, broker: true }));
  }
  await generate(scratch.root, (tree) => event(tree, { service: 'sender', type }));
  await generate(scratch.root, (tree) => consumer(tree, { service: 'receiver', type }));
  await generate(scratch.root, (tree) => route(tree, { service: 'sender', endpoint: 'POST /parcels/:id/send' }));
  scratch.write(
    'apps/sender/src/routes/parcels.ts',
    `import { implement } from '${scope}/api-rest';
import type { Broker } from '${scope}/messaging';
import { parcelSent, sendParcel } from '${scope}/sender-contract';

export const parcelRoutes = (broker: Broker) => [
  implement(sendParcel, async ({ params }) => {
    await broker.publish(parcelSent, params);
    return params;
  }),
];
`,
  );
  const main = readFileSync(join(scratch.root, 'apps/sender/src/main.ts'), 'utf8');
  const handed = main
    .replace("await start('broker'", "const broker = await start('broker'")
    .replace('...parcelRoutes()', '...parcelRoutes(broker)');
  scratch.write('apps/sender/src/main.ts', handed);
  const { status, stdout, stderr } = scratch.run('nx', 'run-many', '-t', 'build', '-p', 'sender,receiver');
  expect(status, stdout + stderr).toBe(0);
}, 240_000);
afterAll(() => scratch[Symbol.dispose]());

/** Starts the built file of a service on free ports. */
async function start(name: string, url: string): Promise<{ process: RunningProcess; port: number }> {
  const [port, opsPort] = await freePorts(2);
  const main = join(scratch.root, 'apps', name, 'dist/main.js');
  const env = { PORT: `${port}`, OPS_PORT: `${opsPort}`, BROKER_URL: url, LOG_FORMAT: 'json', NODE_ENV: undefined };
  const process = await startProcess(main, [], { cwd: join(main, '..'), env: { ...env, NODE_OPTIONS: undefined } });
  const isReady = () =>
    fetch(`http://localhost:${opsPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, { what: `${name} to be ready: ${process.stdout}${process.stderr}`, timeoutMs: 20_000 });
  return { process, port: port! };
}

describe.each(brokers)('over $adapter', ({ adapter, find, requirement, isThere }) => {
  test('what one service publishes the other consumes, once, with no code changed', async (context) => {
    skipUnless(context, isThere, { what: adapter, get: `its library, in libs/framework/${adapter}` });
    await using server = await find();
    skipUnless(context, server !== undefined, requirement);
    const receiver = await start('receiver', server.url);
    await using _ = receiver.process;
    const sender = await start('sender', server.url);
    await using __ = sender.process;
    for (const id of ['1', '2', '3']) {
      const response = await fetch(`http://localhost:${sender.port}/parcels/${id}/send`, { method: 'POST' });
      expect(response.status, sender.process.stdout).toBe(200);
    }
    const consumed = () => receiver.process.stdout.split('\n').filter((line) => line.includes('Consumed, and nothing'));
    await waitFor(() => consumed().length >= 3, { what: 'three events', timeoutMs: 20_000 });
    const ids = consumed().map((line) => (JSON.parse(line) as { message_id: string }).message_id);
    expect(new Set(ids).size).toBe(3);
    for (const { process } of [sender, receiver]) {
      process.kill('SIGTERM');
      expect(await process.exit).toEqual({ code: 0, signal: null });
    }
  }, 90_000);
});
