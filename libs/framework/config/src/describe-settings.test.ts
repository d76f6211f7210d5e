import { expect, test } from 'vitest';
import { describeSettings } from './describe-settings.ts';
import { defineSettings } from './fragment.ts';
import { port, text } from './scalars.ts';
import { secret } from './secrets.ts';
import { duration } from './units.ts';
import { connectionUrl } from './urls.ts';
import { variable } from './variable.ts';

test('the description needs no environment, is plain JSON and shows no secret', () => {
  const connection = { kind: 'datastore', variable: 'DATABASE_URL', ports: { 'postgres:': 5432 } };
  const fragments = {
    rest: defineSettings({
      port: variable('PORT', port(), { description: 'The port.', default: '3000' }),
      host: variable('HOST', text(), { description: 'The address.', optional: true, example: '::1' }),
    }),
    database: defineSettings(
      {
        url: variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', 'postgres:'] }), {
          description: 'The database.',
          default: ({ service }) => `pglite:.data/${service}`,
          embedded: true,
        }),
        key: variable('DATABASE_KEY', secret(), { description: 'The key.' }),
        salt: variable('DATABASE_SALT', secret(), {
          description: 'The salt.',
          default: ({ production }) => (production ? undefined : 'hunter2'),
        }),
      },
      { connections: [connection] },
    ),
    service: defineSettings({
      delay: variable('SHUTDOWN_DELAY', duration(), {
        description: 'The delay.',
        default: ({ production }) => (production ? '5s' : '0s'),
        references: false,
      }),
    }),
  };
  const description = describeSettings(fragments, { service: 'orders' });
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description).toEqual({
    service: 'orders',
    fragments: [
      {
        name: 'rest',
        connections: [],
        variables: [
          {
            name: 'PORT',
            type: 'port',
            expected: 'a port from 0 to 65535',
            description: 'The port.',
            default: '3000',
            required: false,
            requiredInProduction: false,
            secret: false,
            references: true,
          },
          {
            name: 'HOST',
            type: 'text',
            expected: 'a text',
            description: 'The address.',
            required: false,
            requiredInProduction: false,
            secret: false,
            references: true,
            example: '::1',
          },
        ],
      },
      {
        name: 'database',
        connections: [connection],
        variables: [
          {
            name: 'DATABASE_URL',
            type: 'connection url',
            expected: 'a URL with one of the protocols pglite:, postgres:',
            description: 'The database.',
            default: 'pglite:.data/orders',
            required: false,
            requiredInProduction: true,
            secret: true,
            references: true,
          },
          {
            name: 'DATABASE_KEY',
            type: 'text',
            expected: 'a text',
            description: 'The key.',
            required: true,
            requiredInProduction: true,
            secret: true,
            references: true,
          },
          {
            name: 'DATABASE_SALT',
            type: 'text',
            expected: 'a text',
            description: 'The salt.',
            default: '[secret]',
            required: false,
            requiredInProduction: true,
            secret: true,
            references: true,
          },
        ],
      },
      {
        name: 'service',
        connections: [],
        variables: [
          {
            name: 'SHUTDOWN_DELAY',
            type: 'duration',
            expected: 'a duration such as 250ms, 5s, 2m or 1h',
            description: 'The delay.',
            default: '0s',
            defaultInProduction: '5s',
            required: false,
            requiredInProduction: false,
            secret: false,
            references: false,
          },
        ],
      },
    ],
  });
});
