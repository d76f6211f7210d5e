import { secretStoreUnavailable, secretDenied } from './secrets-errors.ts';
import { describe, test } from 'vitest';
import {
  environmentPlace,
  filesPlace,
  secretsConformance,
  type ConformanceOptions,
  type SecretFeature,
  type SecretsPlace,
} from './conformance/index.ts';
import { createMemorySecrets, type MemorySecretsOptions } from './testing/index.ts';

/** The store in memory as a place. */
async function memoryPlace(options: MemorySecretsOptions): Promise<SecretsPlace> {
  const memory = createMemorySecrets(options);
  const away = secretStoreUnavailable({ doing: 'read a secret in memory', why: 'nobody answers' });
  const termMs = 3_600_000;
  return {
    assign: (variable, name, key) => ({ [variable]: `memory:${name}${key === undefined ? '' : `#${key}`}` }),
    open: (_, runtime) => memory.store.open({}, runtime),
    put: async (name, values) => memory.put(name, values),
    remove: async (name) => memory.remove(name),
    cut: async () => memory.fail(away),
    mend: async () => memory.fail(undefined),
    deny: async (name) => {
      memory.fail(secretDenied({ doing: `read \`${name}\` in memory`, why: 'this service may not' }));
      memory.touch(name);
    },
    allow: async () => memory.fail(undefined),
    async leased(name) {
      const pair = (number: number) => ({ username: `u${number}`, password: 'x' });
      memory.put(name, pair, { durationMs: termMs, renewals: 2 });
      return {
        termMs,
        accepts: (username) => memory.running().includes(username.replace('u', 'lease-')),
        running: () => memory.running().length,
        refuseRenewals: async () => memory.refuseRenewals(),
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function runSuite(place: ConformanceOptions['place'], features: readonly SecretFeature[]): void {
  for (const { name, needs, run } of secretsConformance({ place })) {
    test.skipIf(needs && !features.includes(needs))(name, run);
  }
}

const all: SecretFeature[] = ['follows', 'outages', 'permissions', 'versions', 'leases'];

describe('in memory, told of changes', () => {
  runSuite(() => memoryPlace({}), all);
});

describe('in memory, read by age', () => {
  runSuite(() => memoryPlace({ watches: false }), all);
});

describe('in the environment', () => runSuite(environmentPlace, []));
describe('in files', () => runSuite(filesPlace, []));
