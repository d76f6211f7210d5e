import { expect, expectTypeOf, test } from 'vitest';
import { defineSettings, type Fragment, type Fragments, type Settings } from './fragment.ts';
import { readSettings } from './read-settings.ts';
import { list, oneOf, port, text } from './scalars.ts';
import type { Secret } from './secret.ts';
import { credentials, type Credentials } from './secrets.ts';
import type { SecretStore } from './store.ts';
import { connectionUrl } from './urls.ts';
import { variable } from './variable.ts';

const description = 'Something.';

const restSettings = (defaults: { port: number }) =>
  defineSettings({
    port: variable('PORT', port(), { description, default: String(defaults.port) }),
    host: variable('HOST', text(), { description, optional: true }),
  });

const databaseSettings = () =>
  defineSettings(
    {
      url: variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', 'postgres:'] }), { description }),
      credentials: variable('DATABASE_CREDENTIALS', credentials(), { description, optional: true }),
      migrate: variable('DATABASE_MIGRATE', oneOf(['apply', 'verify']), { description, default: 'apply' }),
      schemas: variable('DATABASE_SCHEMAS', list(text()), { description }),
    },
    { check: ({ migrate, schemas }) => (migrate === 'apply' && schemas.length > 1 ? ['no'] : []) },
  );

const config = { rest: restSettings({ port: 3000 }), database: databaseSettings() };

test('the types of settings are exact', () => {
  type Config = Settings<typeof config>;
  expectTypeOf<Config['rest']['port']>().toEqualTypeOf<number>();
  expectTypeOf<Config['rest']['host']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Config['database']>().toEqualTypeOf<{
    readonly url: Secret<string>;
    readonly credentials: Secret<Credentials> | undefined;
    readonly migrate: 'apply' | 'verify';
    readonly schemas: readonly string[];
  }>();
  expectTypeOf<Settings<ReturnType<typeof restSettings>>>().toEqualTypeOf<Config['rest']>();
  expectTypeOf(config).toExtend<Fragments>();
  expectTypeOf(config.rest).toExtend<Fragment>();
});

test('the types of what is read follow from the fragments', () => {
  const environment = { DATABASE_URL: 'pglite:memory', DATABASE_SCHEMAS: 'a' };
  const read = readSettings(config, { environment, service: 'orders', schemes: [] });
  expectTypeOf(read.settings).toEqualTypeOf<Partial<Settings<typeof config>>>();
  expectTypeOf(read.resolve).returns.resolves.toEqualTypeOf<Settings<typeof config>>();
  expect(read.settings.rest).toEqual({ port: 3000, host: undefined });
});

test('a store with settings and a runtime of its own is a store', () => {
  type VaultStore = SecretStore<Settings<ReturnType<typeof restSettings>>, { logger: object }>;
  expectTypeOf<VaultStore>().toExtend<SecretStore>();
});

test('a connection names a variable of its fragment', () => {
  const url = variable('DATABASE_URL', text(), { description });
  const connect = (name: string) =>
    defineSettings({ url }, { connections: [{ kind: 'datastore', variable: name, ports: { 'postgres:': 5432 } }] });
  expect(connect('DATABASE_URL').connections).toHaveLength(1);
  expect(() => connect('DATABASE')).toThrow(
    new TypeError('Expected a connection to name one of DATABASE_URL, got `DATABASE`'),
  );
});

test('the types survive a function that knows the fragments only in general', () => {
  function start<Config extends Fragments>(fragments: Config, use: (settings: Settings<Config>) => void) {
    const { settings } = readSettings(fragments, { environment: {}, service: 'orders', schemes: [] });
    use(settings as Settings<Config>);
  }
  start({ rest: restSettings({ port: 3000 }) }, ({ rest }) => {
    expectTypeOf(rest.port).toEqualTypeOf<number>();
    expect(rest.port).toBe(3000);
  });
});
