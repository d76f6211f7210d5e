import { inspect } from 'node:util';
import { implement, restSettings, serveRest } from '@org/api-rest';
import { credentials, defineSettings, secret, variable, type Credentials, type Secret } from '@org/config';
import { defineContract, defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { defineService, opsSettings } from '@org/service';
import type { Logger } from '@org/logging';
import * as z from 'zod';

const spills = defineOperation({
  id: 'spills',
  method: 'GET',
  path: '/spills/:how',
  summary: 'Does with its secrets what no review would let pass',
  success: { status: 200, description: 'Whatever comes out', body: z.unknown() },
});
const contract = defineContract({ name: 'spilling', version: '1.0.0', title: 'Spilling', operations: [spills] });

const config = {
  rest: restSettings({ port: 0 }),
  ops: opsSettings({ port: 0 }),
  spilled: defineSettings({
    key: variable('SPILLED_KEY', secret(), { description: 'A key.' }),
    login: variable('SPILLED_LOGIN', credentials(), { description: 'A user and a password.' }),
  }),
};

interface Spilled {
  readonly key: Secret<string>;
  readonly login: Secret<Credentials>;
}

/** What a handler does with the settings, by name: each is a mistake of a kind that people make. */
const mistakes: Readonly<Record<string, (spilled: Spilled, logger: Logger) => unknown>> = {
  'throws it in a message': ({ key }) => {
    throw new Error(`no login with ${key as unknown as string}`);
  },
  'throws it in a property': (spilled) => {
    throw Object.assign(new Error('no login'), { spilled, config: { headers: [spilled.key] } });
  },
  'throws it as the cause': (spilled) => {
    throw new Error('no login', { cause: new AggregateError([spilled, new Error('x', { cause: spilled.key })]) });
  },
  'throws it bare': ({ key }) => {
    throw key as unknown as Error;
  },
  'throws it among details': (spilled) => {
    throw new ServiceError('not_found', 'no login', { reason: 'NO_LOGIN', details: { spilled, login: spilled.login } });
  },
  // What drivers do with the URL that they were given.
  'throws its value in a URL': ({ login }) => {
    const { username, password } = login.reveal();
    throw new Error(`connect ECONNREFUSED postgres://${username}:${encodeURIComponent(password)}@db:5432/orders`);
  },
  // What HTTP clients do with the request that failed.
  'throws its value under its name': ({ login }) => {
    const { username, password } = login.reveal();
    throw Object.assign(new Error('401'), { options: { auth: { username, password }, headers: { Cookie: password } } });
  },
  'answers with it': (spilled) => ({ ...spilled, list: [spilled.key] }),
  'logs it': (spilled, logger) => {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) {
      logger[level]({ spilled, login: { ...spilled.login.reveal() } }, `with ${spilled.key as unknown as string}`);
    }
    return 'logged';
  },
  'prints it': (spilled) => {
    console.log(spilled, inspect(spilled, { depth: 9, showHidden: true, getters: true }));
    console.error('%s %o %j %O', spilled.key, spilled.login, spilled, [spilled]);
    console.dir({ spilled }, { depth: null, showHidden: true });
    console.table(spilled);
    return 'printed';
  },
  'rejects with it where nobody waits': (spilled) => {
    void Promise.reject(Object.assign(new Error('nobody waits', { cause: spilled }), { spilled }));
    return 'rejected';
  },
};
export const kinds = Object.keys(mistakes);

export const service = defineService({
  name: 'spilling',
  config,
  contract,
  async start({ settings, start }) {
    await start('rest', (runtime) => {
      const routes = [implement(spills, ({ params }) => mistakes[params.how]!(settings.spilled, runtime.logger))];
      return serveRest(settings.rest, { contract, routes }, runtime);
    });
  },
});

if (import.meta.main) await service.run();
