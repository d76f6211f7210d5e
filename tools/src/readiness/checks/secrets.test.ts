import { expect, test } from 'vitest';
import { literals } from './secrets.ts';

test.each([
  ['a line of settings', 'TOKEN=hunter2'],
  ['one with a colon in it', 'TOKEN=hunter2:abc'],
  ['a literal of a generator', 'secretGenerator:\n  - name: a\n    literals:\n      - TOKEN=hunter2'],
  ['an argument', 'args: ["--set", "TOKEN=hunter2"]'],
  ['an entry of env', 'env:\n  - name: TOKEN\n    value: hunter2'],
  ['a number', 'env:\n  - name: TOKEN\n    value: 12345'],
  ['a key of a ConfigMap', 'data:\n  TOKEN: hunter2'],
  ['a file within a ConfigMap', 'data:\n  settings.env: |\n    A=b\n    TOKEN=hunter2'],
  ['a merged patch', 'patches:\n  - patch: |-\n      env:\n        - name: TOKEN\n          value: hunter2'],
  [
    'a patch by operations',
    'patches:\n  - patch: |-\n      - op: add\n        path: /data/TOKEN\n        value: hunter2',
  ],
  ['a patch in one line', `patch: '[{"op":"add","path":"/env/-","value":{"name":"TOKEN","value":"hunter2"}}]'`],
  ['JSON', '[{"op":"add","path":"/env/-","value":{"name":"TOKEN","value":"hunter2"}}]'],
])('%s gives a value', (_, text) => {
  expect(literals(`${text}\n`)).toContain('TOKEN');
});

test.each([
  ['nothing', 'TOKEN='],
  ['a comment', '# TOKEN=hunter2'],
  ['the name of a file', 'TOKEN_FILE=/var/run/token'],
  ['a reference in settings', 'TOKEN=vault:kv/orders#token'],
  ['a reference in env', 'env:\n  - name: TOKEN\n    value: kubernetes:orders/token'],
  ['a key of a Secret', 'env:\n  - name: TOKEN\n    valueFrom: { secretKeyRef: { name: a, key: TOKEN } }'],
  ['what another program fills in', 'template:\n  data:\n    TOKEN: "{{ .token }}"'],
  ['a variable of the container', 'args: ["TOKEN=$(OTHER)"]'],
])('%s gives none', (_, text) => {
  expect(literals(`${text}\n`)).not.toContain('TOKEN');
});

test('a password in a URL is one, whichever variable has it', () => {
  expect(literals('DATABASE_URL=postgres://orders:hunter2@db/orders\n')).toContain('a password in a URL');
  expect(literals('DATABASE_URL=postgres://orders@db:5432/orders\n')).not.toContain('a password in a URL');
  expect(literals('value: postgres://orders:$(PASSWORD)@db/orders\n')).not.toContain('a password in a URL');
});

test.each(['memory:', 'amqp://rabbitmq.messaging:5672/orders', 'nats://a.messaging'])(
  'the URL %s of a connection is no secret',
  (url) => {
    expect(literals(`BROKER_URL=${url}\n`, ['BROKER_URL'])).not.toContain('BROKER_URL');
    expect(literals(`env:\n  - name: BROKER_URL\n    value: "${url}"\n`, ['BROKER_URL'])).not.toContain('BROKER_URL');
    expect(literals(`BROKER_URL=${url}\n`)).toContain('BROKER_URL');
  },
);

test.each(['nats://token@host', 'amqp://orders:hunter2@host', 'amqp://host?password=hunter2', 'hunter2'])(
  'the URL %s of a connection gives something away',
  (url) => {
    expect(literals(`BROKER_URL=${url}\n`, ['BROKER_URL'])).toContain('BROKER_URL');
  },
);
