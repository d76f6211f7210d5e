import { parseEnv } from 'node:util';
import { check } from 'prettier';
import { describe, expect, test } from 'vitest';
import { describeSettings } from './describe-settings.ts';
import { defineSettings } from './fragment.ts';
import { readSettings } from './read-settings.ts';
import { renderEnvExample } from './render-env-example.ts';
import { renderReference } from './render-reference.ts';
import { list, oneOf, port, text } from './scalars.ts';
import { secret } from './secrets.ts';
import { duration } from './units.ts';
import { connectionUrl } from './urls.ts';
import { variable } from './variable.ts';

const fragments = {
  rest: defineSettings({
    port: variable('PORT', port(), { description: 'The port that the API listens on.', default: '3000' }),
    title: variable('TITLE', text(), { description: 'A | between.\nA second line.', default: 'It\'s "#1"' }),
    format: variable('FORMAT', oneOf(['json', 'pretty']), { description: 'How.', optional: true }),
  }),
  nothing: defineSettings({}),
  database: defineSettings(
    {
      url: variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', 'postgres:'] }), {
        description: 'The database.',
        default: 'pglite:.data/orders',
        embedded: true,
        example: 'postgres://orders@db:5432/orders',
      }),
      key: variable('DATABASE_KEY', secret(), { description: 'The key.', example: 'vault:kv/orders#key' }),
      hosts: variable('DATABASE_HOSTS', list(text()), { description: 'The hosts.', example: 'a, b' }),
      salt: variable('DATABASE_SALT', secret(), {
        description: 'The salt.',
        default: ({ production }) => (production ? undefined : 'pepper'),
      }),
    },
    { connections: [{ kind: 'datastore', variable: 'DATABASE_URL', ports: { 'postgres:': 5432 } }] },
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

describe('the reference', () => {
  test('has one row for each variable and each connection', () => {
    const rows = renderReference(description)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.replace(/ +/g, ' '));
    expect(rows.filter((row) => !row.includes('---'))).toEqual([
      '| variable | value | without it | meaning |',
      '| `PORT` | a port from 0 to 65535 | `3000` | The port that the API listens on. |',
      '| `TITLE` | a text | `It\'s "#1"` | A \\| between. A second line. |',
      '| `FORMAT` | one of `json`, `pretty` | none | How. |',
      '| variable | value | without it | meaning |',
      '| `DATABASE_URL` | a URL with one of the protocols pglite:, postgres:; secret | `pglite:.data/orders`; required in production | The database. |',
      '| `DATABASE_KEY` | a text; secret | required | The key. |',
      '| `DATABASE_HOSTS` | a list with commas, each a text | required | The hosts. |',
      '| `DATABASE_SALT` | a text; secret | `[secret]`; required in production | The salt. |',
      '| variable | value | without it | meaning |',
      '| `SHUTDOWN_DELAY` | a duration such as 250ms, 5s, 2m or 1h; no reference | `0s`; `5s` in production | The delay. |',
      '| to | by | ports |',
      '| datastore | `DATABASE_URL` | `postgres:` 5432 |',
    ]);
  });

  test('is formatted as the workspace formats Markdown', async () => {
    const text = renderReference(description);
    expect(text).toContain('# Configuration of orders\n');
    expect(text).not.toContain('nothing');
    expect(await check(text, { parser: 'markdown', printWidth: 120, singleQuote: true })).toBe(true);
  });
});

describe('.env.example', () => {
  const text = renderEnvExample(description);

  test('asks for what development requires and shows the rest', () => {
    expect(parseEnv(text)).toEqual({ DATABASE_KEY: 'vault:kv/orders#key', DATABASE_HOSTS: 'a, b' });
    expect(text).toContain(
      [
        '# --- rest ---',
        '',
        '# The port that the API listens on.',
        '# Value: a port from 0 to 65535',
        '# PORT=3000',
      ].join('\n'),
    );
  });

  test('gives every value as it is read when its line is taken out of the comment', () => {
    const environment = parseEnv(text.replace(/^# ([A-Z_]+=)/gm, '$1'));
    expect(environment).toMatchObject({
      DATABASE_SALT: '',
      PORT: '3000',
      TITLE: 'It\'s "#1"',
      DATABASE_URL: 'postgres://orders@db:5432/orders',
    });
    const read = readSettings(fragments, { environment, service: 'orders', schemes: ['vault'] });
    expect(read.settings.rest?.title).toBe('It\'s "#1"');
    expect(read.pending).toEqual([{ variable: 'DATABASE_KEY', reference: 'vault:kv/orders#key' }]);
  });
});
