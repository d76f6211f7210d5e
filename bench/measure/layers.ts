import { createToken, order, type Scenario } from './load.ts';
import { measureInTurns, type Row, type RoundsOptions } from './rounds.ts';
import { startServer } from './server.ts';
import { openSink } from './sink.ts';
import { table } from './table.ts';

/** Each layer, and the variables that leave it out. */
const layers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'all of it': {},
  'without logs': { LOG_LEVEL: 'silent' },
  'without traces and metrics': { OTEL_SDK_DISABLED: 'true' },
  'without security headers': { BENCH_SECURITY_HEADERS: 'false' },
  'without schemas': { BENCH_SCHEMAS: 'false' },
  'without a token': { BENCH_AUTHENTICATION: 'false' },
  'without any of these': {
    LOG_LEVEL: 'silent',
    OTEL_SDK_DISABLED: 'true',
    BENCH_SECURITY_HEADERS: 'false',
    BENCH_SCHEMAS: 'false',
    BENCH_AUTHENTICATION: 'false',
  },
};

const answersChecked: Readonly<Record<string, string>> = { REST_RESPONSE_VALIDATION: '0' };

/** What each layer of the service costs: the whole of it, and the whole of it without one. */
export async function measureLayers(options: RoundsOptions): Promise<string> {
  await using sink = await openSink();
  const variants = {
    ...layers,
    'answers not checked': answersChecked,
    'one trace in ten is sent': sink.environment,
  };
  await using servers = new AsyncDisposableStack();
  const rows: Row[] = [];
  const token = createToken();
  const scenarios: Readonly<Record<string, Scenario>> = {
    hello: { path: '/hello' },
    user: { path: '/users/{n}' },
    order: { method: 'POST', path: '/orders', body: order, token },
  };
  for (const [variant, environment] of Object.entries(variants)) {
    const server = servers.use(await startServer(environment));
    for (const [name, scenario] of Object.entries(scenarios))
      rows.push({ name: `${variant}/${name}`, server, scenario });
  }
  const figures = await measureInTurns(rows, options);
  const lines = Object.keys(variants).map((variant) => [
    variant,
    ...Object.keys(scenarios).map((name) => {
      const difference = figures.get(`${variant}/${name}`)! - figures.get(`all of it/${name}`)!;
      return variant === 'all of it' ? figures.get(`${variant}/${name}`)!.toFixed(1) : signed(difference);
    }),
  ]);
  return table(['µs of CPU a request', ...Object.keys(scenarios)], lines);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
