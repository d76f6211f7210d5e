import { describe, expect, test } from 'vitest';
import { scope, workspaceRoot } from '../../../test/scratch.ts';
import { parcelDescription } from '../../../test/parcel-service.ts';
import { readProjects } from '../../workspace.ts';
import type { Description } from '../../manifests/description.ts';
import type { Subject } from '../subject.ts';
import { contract } from './contract.ts';
import { messaging } from './messaging.ts';
import { metrics } from './metrics.ts';

const nothing = { operations: [], publishes: [], consumes: [], handles: [], answers: [] };
const settled = { type: 'payments.payment.settled.v1' };
const broker = { kind: 'messaging', variable: 'BROKER_URL', ports: { 'amqp:': 5672 } };
const commands = [{ name: 'topology' }, { name: 'dead-letters' }];

/** The service of the contract of payments, which this workspace does not have: it has messages and no operation. */
function payments(
  { promises = {}, ...rest }: Partial<Description> & { promises?: Partial<Description['contract']> },
  shown = '',
): Subject {
  return {
    workspaceRoot,
    folder: '/nowhere',
    project: {
      root: 'apps/payments',
      shortName: 'payments',
      layer: 'app',
      manifest: { name: `${scope}/payments`, version: '1.0.0' },
    },
    projects: readProjects(workspaceRoot),
    description: {
      ...parcelDescription(),
      connections: [],
      contract: { version: '1.0.0', ...nothing, ...promises },
      ...rest,
    },
    observation: { probes: {}, metrics: shown, openapi: undefined, checks: {}, migrations: [] },
  };
}

describe('a service of messages alone', () => {
  test('has the contract in order without an OpenAPI document', () => {
    expect(contract(payments({ promises: { publishes: [settled] } }))).toMatchObject({
      state: 'ok',
      evidence: 'version 1.0.0; asyncapi.json is in step, 1 messages',
    });
  });

  test('lacks one once it has operations', () => {
    const row = contract(payments({ promises: { publishes: [settled], operations: [{ id: 'pay' }] } }));
    expect(row).toMatchObject({ state: 'gap', evidence: expect.stringContaining('src/openapi.json') });
  });

  test('needs metrics of what it consumes, and none of requests', () => {
    const lag = '# TYPE messaging_consumer_lag gauge\n';
    const both = `${lag}# TYPE messaging_dead_letters gauge\n`;
    expect(metrics(payments({ promises: { consumes: [settled] } }, both))).toMatchObject({ state: 'ok' });
    expect(metrics(payments({ promises: { publishes: [settled] } }, ''))).toMatchObject({ state: 'ok' });
    expect(metrics(payments({ promises: { handles: [settled] } }, lag))).toMatchObject({
      state: 'gap',
      evidence: '/metrics has no messaging_dead_letters',
    });
  });
});

describe('the row of messaging', () => {
  test('is not there for a service without messages and broker', () => {
    expect(messaging(payments({ connections: [] }))).toBeUndefined();
  });

  test('says what a service does, and what an operator has', () => {
    const promises = { publishes: [settled], consumes: [settled, settled] };
    expect(messaging(payments({ promises, commands, connections: [broker] }))).toMatchObject({
      state: 'ok',
      evidence: 'publishes 1, consumes 2; topology and dead-letters in the bundle',
    });
    expect(messaging(payments({ commands: commands.slice(0, 1), connections: [broker] }))).toMatchObject({
      state: 'ok',
      evidence: 'no messages yet; topology in the bundle',
    });
  });

  test.each([
    ['a broker', { connections: [] }, '1 messages in its contract, and no broker'],
    ['an adapter', { connections: [{ ...broker, ports: {} }] }, 'no broker but the one in memory'],
    ['a way to its dead letters', { commands: commands.slice(0, 1) }, 'no sub-command dead-letters'],
    ['sub-commands', { commands: [] }, 'no sub-command topology and no dead-letters'],
  ])('finds that it has not %s', (_, lacking, evidence) => {
    const subject = payments({ promises: { consumes: [settled] }, commands, connections: [broker], ...lacking });
    expect(messaging(subject)).toMatchObject({ state: 'gap', evidence: expect.stringContaining(evidence) });
  });
});
