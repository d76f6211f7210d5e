import { execFileSync } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ServiceError } from '@org/errors';
import { temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { loadEnvironment, type Environment } from './environment.ts';
import type { Fault } from './fault.ts';
import { defineSettings, type Fragments } from './fragment.ts';
import { readSettings } from './read-settings.ts';
import { oneOf, port, text } from './scalars.ts';
import { secret } from './secrets.ts';
import { duration } from './units.ts';
import { connectionUrl, url } from './urls.ts';
import { variable } from './variable.ts';

const config = {
  rest: defineSettings({
    port: variable('PORT', port(), { description: 'The port.', default: '3000' }),
    host: variable('HOST', text(), { description: 'The address.', optional: true }),
  }),
  database: defineSettings({
    url: variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', 'postgres:'] }), {
      description: 'The database.',
      default: ({ service }) => `pglite:.data/${service}`,
      embedded: true,
    }),
  }),
  service: defineSettings(
    {
      delay: variable('SHUTDOWN_DELAY', duration(), {
        description: 'The delay.',
        default: ({ production }) => (production ? '5s' : '0s'),
        references: false,
      }),
      timeout: variable('SHUTDOWN_TIMEOUT', duration(), { description: 'All.', default: '25s', references: false }),
    },
    {
      check: ({ delay, timeout }, { production }) =>
        delay < timeout ? [] : [`SHUTDOWN_DELAY: expected to be shorter than SHUTDOWN_TIMEOUT (${production})`],
    },
  ),
};
const required = { key: defineSettings({ key: variable('API_KEY', secret(), { description: 'The key.' }) }) };

function read<Source extends Fragments>(fragments: Source, environment: Environment, schemes = ['env', 'vault']) {
  return readSettings(fragments, { environment, service: 'orders', schemes });
}

function errorOf(fragments: Fragments, environment: Environment, schemes?: string[]): ServiceError {
  try {
    read(fragments, environment, schemes);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('Expected the configuration to be refused');
}

function faultsOf(fragments: Fragments, environment: Environment, schemes?: string[]): string[] {
  return (errorOf(fragments, environment, schemes).details?.faults as Fault[]).map(({ message }) => message);
}

describe('what is read', () => {
  test('with no variable set is the defaults', () => {
    const { settings, pending, hints } = read(config, {});
    expect(settings.rest).toEqual({ port: 3000, host: undefined });
    expect(settings.database?.url.reveal()).toBe('pglite:.data/orders');
    expect(settings.service).toEqual({ delay: 0, timeout: 25_000 });
    expect([pending, hints]).toEqual([[], []]);
  });

  test('is what the environment says; an empty value counts as unset', () => {
    const environment = { PORT: '80', HOST: '', SHUTDOWN_TIMEOUT: '1m', PORT_FILE: '' };
    const { settings } = read(config, environment);
    expect(settings.rest).toEqual({ port: 80, host: undefined });
    expect(settings.service?.timeout).toBe(60_000);
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(read(config, {}).settings.rest)).toBe(true);
  });

  test('is printed without secrets, with the place it comes from', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'url');
    await writeFile(file, 'postgres://orders:hunter2@db/orders\n');
    await writeFile(join(directory.path, '.env'), `HOST=http://u:hunter2@h\nPORT=81\n`);
    const environment = loadEnvironment({
      directory: directory.path,
      environment: { DATABASE_URL_FILE: file, API_KEY: 'hunter2', SHUTDOWN_DELAY: '1s' },
    });
    const rows = read({ ...config, ...required }, environment).report();
    expect(rows.map(({ fragment, variable, value, source }) => `${fragment} ${variable} ${value} ${source}`)).toEqual([
      'rest PORT 81 .env',
      'rest HOST http://u:[secret]@h .env',
      `database DATABASE_URL postgres://orders:[secret]@db/orders file ${file}`,
      'service SHUTDOWN_DELAY 1s environment',
      'service SHUTDOWN_TIMEOUT 25s default',
      'key API_KEY [secret] environment',
    ]);
    expect(read(config, {}).report()[1]).toEqual({ fragment: 'rest', variable: 'HOST', value: '', source: 'not set' });
  });
});

describe('faults', () => {
  test('are told all at once, each with variable, expectation and source, and never with a value', () => {
    const environment = {
      PORT: 'hunter2',
      DATABASE_URL: 'mysql://hunter2@db',
      SHUTDOWN_DELAY: '1m',
      SHUTDOWN_TIMEOUT: '5',
      ...{ API_KYE: 'hunter2', HOTS: 'hunter2' },
    };
    const error = errorOf({ ...config, ...required }, environment);
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'CONFIGURATION_INVALID' });
    expect(error.message).toBe(
      [
        'Cannot read the configuration of orders, 4 faults:',
        '  PORT (from the environment): expected a port from 0 to 65535, got something else',
        '  DATABASE_URL (from the environment): expected a URL with one of the protocols pglite:, postgres:, got something else',
        '  SHUTDOWN_TIMEOUT (from the environment): expected a duration such as 250ms, 5s, 2m or 1h, got something else',
        '  API_KEY: expected a text, got nothing; API_KYE is set: did you mean API_KEY?',
        '  HOTS is set, but nothing reads it: did you mean HOST?',
      ].join('\n'),
    );
    expect(error.details?.faults).toHaveLength(4);
    expect(error.details?.faults).toContainEqual({
      variable: 'PORT',
      source: 'environment',
      message: 'PORT (from the environment): expected a port from 0 to 65535, got something else',
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  test('are also the contradictions of a fragment whose values are fine one by one', () => {
    expect(faultsOf({ ...config, ...required }, { SHUTDOWN_DELAY: '1m' })).toEqual([
      'API_KEY: expected a text, got nothing',
      'SHUTDOWN_DELAY: expected to be shorter than SHUTDOWN_TIMEOUT (false)',
    ]);
  });

  test('name .env', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, '.env'), 'PORT=x');
    const environment = loadEnvironment({ directory: directory.path, environment: {} });
    expect(faultsOf(config, environment)).toEqual([
      'PORT (from .env): expected a port from 0 to 65535, got something else',
    ]);
  });
});

describe('production', () => {
  const embedded = (name: string) => variable(name, text(), { description: 'x', default: 'memory', embedded: true });
  const fragments = { ...config, broker: defineSettings({ url: embedded('BROKER_URL') }), ...required };

  test('lists all embedded defaults that nobody named, and hints', () => {
    expect(faultsOf(fragments, { NODE_ENV: 'production', DATABSE_URL: 'hunter2' })).toEqual([
      'DATABASE_URL: expected a URL with one of the protocols pglite:, postgres:, got nothing; production takes the embedded default, pglite:.data/orders, only when it is named; DATABSE_URL is set: did you mean DATABASE_URL?',
      'BROKER_URL: expected a text, got nothing; production takes the embedded default, memory, only when it is named',
      'API_KEY: expected a text, got nothing',
    ]);
  });

  test('takes an embedded part that is named, and its own defaults', () => {
    const environment = { NODE_ENV: 'production', DATABASE_URL: 'pglite:memory', BROKER_URL: 'memory', API_KEY: 'x' };
    const { settings } = read(fragments, environment);
    expect(settings.database?.url.reveal()).toBe('pglite:memory');
    expect(settings.service?.delay).toBe(5_000);
  });
});

describe('a value from a file', () => {
  test.each([
    ['80', 80],
    ['80\n', 80],
    ['80\r\n\n', 80],
  ])('loses the newlines at its end: %j', async (written, value) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'port');
    await writeFile(file, written);
    expect(read(config, { PORT_FILE: file }).settings.rest?.port).toBe(value);
  });

  test('keeps all else', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'host');
    await writeFile(file, ' a \n b \n');
    expect(read(config, { HOST_FILE: file }).settings.rest?.host).toBe(' a \n b ');
  });

  test('may be a reference', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'host');
    await writeFile(file, 'vault:kv/x\n');
    expect(read(config, { HOST_FILE: file }).pending).toEqual([{ variable: 'HOST', reference: 'vault:kv/x' }]);
  });

  test.each<[string, string, (file: string) => unknown]>([
    ['is refused', 'expected a port from 0 to 65535, got something else', (file) => writeFile(file, 'hunter2')],
    ['is empty', 'expected a value in the file, got an empty one', (file) => writeFile(file, '')],
    ['holds a newline only', 'expected a value in the file, got an empty one', (file) => writeFile(file, '\n')],
    ['is missing', 'expected a file that can be read, got ENOENT', () => undefined],
    ['is a folder', 'expected a regular file of at most 1MiB, got something else', (file) => mkdir(file)],
    [
      'is a pipe',
      'expected a regular file of at most 1MiB, got something else',
      (file) => execFileSync('mkfifo', [file]),
    ],
    [
      'is too large',
      'expected a regular file of at most 1MiB, got something else',
      async (file) => {
        await writeFile(file, '');
        await truncate(file, 1_048_577);
      },
    ],
  ])('is a fault when it %s', async (_, problem, make) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'port');
    await make(file);
    expect(faultsOf(config, { PORT_FILE: file })).toEqual([`PORT (from the file ${file}): ${problem}`]);
  });

  test('is a fault beside a value in the variable itself', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, '.env'), 'PORT_FILE=/x');
    const environment = loadEnvironment({ directory: directory.path, environment: { PORT: '1' } });
    expect(faultsOf(config, environment)).toEqual([
      'PORT (from the environment): expected no PORT_FILE (from .env) beside it, got both',
    ]);
  });

  test('is not named by what may be the secret itself', () => {
    const error = errorOf(required, { API_KEY_FILE: 'hunter2' });
    expect(error.message).toContain(
      'API_KEY (from the file that API_KEY_FILE names): expected a file that can be read',
    );
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });
});

describe('a reference', () => {
  test('leaves its fragment to the second stage, and no other', () => {
    const environment = { DATABASE_URL: 'vault:kv/orders#url', HOST: 'env:MY_HOST', MY_HOST: 'hunter2' };
    const { settings, pending, report } = read(config, environment);
    expect(Object.keys(settings)).toEqual(['service']);
    expect(pending).toEqual([
      { variable: 'HOST', reference: 'env:MY_HOST' },
      { variable: 'DATABASE_URL', reference: 'vault:kv/orders#url' },
    ]);
    expect(report()[2]).toEqual({
      fragment: 'database',
      variable: 'DATABASE_URL',
      value: 'vault:kv/orders#url',
      source: 'environment',
    });
  });

  test.each([
    ['kubernetes:a/b', 'expected a secret store that this service has (env:, vault:), got a reference to kubernetes:'],
    ['vault:', 'expected `vault:path` or `vault:path#key`, got something else'],
    ['vault:hunter2#', 'expected `vault:path` or `vault:path#key`, got something else'],
    ['vault:hunter2 x', 'expected `vault:path` or `vault:path#key`, got something else'],
    ['env:', 'expected `env:path` or `env:path#key`, got something else'],
    ['env:ABSENT', 'expected ABSENT, which it refers to, to be set, got nothing'],
    ['env:HOST', 'expected HOST, which it refers to, to hold a value, got another reference'],
    ['env:OTHER', 'expected OTHER, which it refers to, to hold a value, got another reference'],
    ['env:HOST#key', 'expected the reference to be written `env:NAME`, got something else'],
  ])('is a fault of the first stage when it is %s', (HOST, problem) => {
    expect(faultsOf(config, { HOST, OTHER: 'env:HOST' })).toEqual([`HOST (from the environment): ${problem}`]);
  });

  test('to a reserved scheme is a fault when the service has no store at all', () => {
    expect(faultsOf(config, { DATABASE_URL: 'env:X' }, [])).toEqual([
      'DATABASE_URL (from the environment): expected a secret store that this service has (none), got a reference to env:',
    ]);
  });

  test('is a fault where none is allowed', () => {
    expect(faultsOf(config, { SHUTDOWN_DELAY: 'vault:hunter2' })).toEqual([
      'SHUTDOWN_DELAY (from the environment): expected a duration such as 250ms, 5s, 2m or 1h, got a reference to a secret store, which this variable does not take',
    ]);
  });

  test("may name a store of the service's own, and any other colon is none", () => {
    expect(read(config, { HOST: 'aws:x' }).settings.rest?.host).toBe('aws:x');
    expect(read(config, { HOST: 'aws:x' }, ['aws']).pending).toHaveLength(1);
    expect(read(config, { HOST: 'vaults:x' }).settings.rest?.host).toBe('vaults:x');
  });
});

test('a name next to a known one is a hint, not a fault', () => {
  expect(read(config, { PROT: '1', DATABASE_URL_FIL: '/x' }).hints).toEqual([
    'PROT is set, but nothing reads it: did you mean PORT?',
    'DATABASE_URL_FIL is set, but nothing reads it: did you mean DATABASE_URL_FILE?',
  ]);
});

describe('misuse is refused:', () => {
  const one = (name: string) => defineSettings({ one: variable(name, text(), { description: 'x', optional: true }) });
  test.each<[string, RegExp, Fragments, string[]]>([
    [
      'a variable that is declared twice',
      /`PORT` to be declared once, got it in a and b/,
      { a: one('PORT'), b: one('PORT') },
      [],
    ],
    [
      'a variable that looks like the file of another',
      /`LOG_FILE` beside `LOG`/,
      { a: one('LOG_FILE'), b: one('LOG') },
      [],
    ],
    ['a store whose scheme is a protocol', /`pglite:` to be a secret store alone/, config, ['pglite']],
    ['a scheme with a colon', /got `vault:`/, config, ['vault:']],
  ])('%s', (_, message, fragments, schemes) => {
    expect(() => read(fragments, {}, schemes)).toThrow(TypeError);
    expect(() => read(fragments, {}, schemes)).toThrow(message);
  });

  test('a default that is refused for this service alone', () => {
    const byName = variable('NAME', oneOf(['service']), { description: 'x', default: ({ service }) => service });
    expect(() => read({ a: defineSettings({ byName }) }, {})).toThrow(TypeError);
  });
});

test('a URL for others to see takes no password', () => {
  const issuer = {
    a: defineSettings({ issuer: variable('AUTH_ISSUER', url(), { description: 'x', optional: true }) }),
  };
  expect(faultsOf(issuer, { AUTH_ISSUER: 'https://u:hunter2@x' })).toEqual([
    'AUTH_ISSUER (from the environment): expected a URL with one of the protocols http:, https:, without user and password, got something else',
  ]);
});
