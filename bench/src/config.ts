import { restSettings } from '@org/api-rest';
import { boolean, defineSettings, integer, variable } from '@org/config';
import { opsSettings } from '@org/service';
import manifest from '../package.json' with { type: 'json' };

const { ports } = manifest.nx.metadata;

const layer = (name: string, what: string) =>
  variable(name, boolean(), { description: `Whether ${what}; without, to see what it costs.`, default: 'true' });

/** What the service reads from the environment: what any service does, and what is varied to be measured. */
export const config = {
  rest: restSettings({ port: ports.rest }),
  ops: opsSettings({ port: ports.ops }),
  bench: defineSettings({
    operations: variable('BENCH_OPERATIONS', integer({ min: 3, max: 10_000 }), {
      description: 'How many operations the contract has; those past the third are generated.',
      default: '3',
    }),
    schemas: layer('BENCH_SCHEMAS', 'bodies and answers have schemas'),
    authentication: layer('BENCH_AUTHENTICATION', 'orders need a token'),
    securityHeaders: layer('BENCH_SECURITY_HEADERS', 'answers have security headers'),
  }),
};
