import type { Contract } from '@org/contract';
import type { RestOptions } from './application.ts';
import { assertAuthentication, createGuard, type Guard } from './authenticate.ts';
import { etagOf } from './conditional.ts';
import { createDeliver } from './deliver.ts';
import { memoryIdempotencyStore } from './memory-idempotency-store.ts';
import { operationEntry } from './operation-entry.ts';
import { pageEntries } from './page.ts';
import { probePaths } from './probes.ts';
import type { Entry } from './router.ts';
import type { Prepared } from './send.ts';
import type { RestRules } from './settings.ts';

const openapiPath = '/openapi.json';

/**
 * The table of routes: the operations, the document, the pages.
 *
 * @throws {TypeError} when contract and routes do not fit together.
 */
export function collectEntries(rules: RestRules, options: RestOptions): Entry[] {
  const { contract, routes, pages = [], idempotency = memoryIdempotencyStore(), authenticate = {} } = options;
  assertComplete(options);
  assertAuthentication(contract, authenticate);
  const context = { contract, openapiPath: contract.openapi && openapiPath };
  return [
    ...routes.map((route) =>
      guarded(createGuard(contract, route.operation, authenticate), operationEntry(route, { ...rules, idempotency })),
    ),
    ...documentEntries(contract, rules),
    ...pages.flatMap((page) => pageEntries(page, context)),
  ];
}

/** The same entry behind a guard. */
function guarded(guard: Guard | undefined, entry: Entry): Entry {
  if (!guard) return entry;
  const { serve } = entry;
  return {
    ...entry,
    serve(exchange) {
      const waited = guard(exchange);
      return waited ? waited.then(() => serve(exchange)) : serve(exchange);
    },
  };
}

function documentEntries({ openapi }: Contract, { compression }: RestRules): Entry[] {
  if (!openapi) return [];
  const text = JSON.stringify(openapi);
  const document: Prepared = { status: 200, headers: { etag: etagOf(text) }, text };
  const deliver = createDeliver('application/json', compression);
  return [{ method: 'GET', path: openapiPath, serve: (exchange) => deliver(exchange, document) }];
}

function assertComplete({ contract, routes }: RestOptions): void {
  const implemented = new Set(routes.map(({ operation }) => operation));
  const missing = contract.operations.filter((operation) => !implemented.has(operation)).map(({ id }) => id);
  const strange = [...implemented].filter((each) => !contract.operations.includes(each)).map(({ id }) => id);
  const probed = contract.operations.filter(({ path }) => (probePaths as readonly string[]).includes(path));
  const faults = [
    missing.length > 0 && `no route for ${missing.join(', ')}`,
    strange.length > 0 && `routes for ${strange.join(', ')}, which the contract does not have`,
    implemented.size < routes.length && 'more than one route for an operation',
    probed.length > 0 && `${probed.map(({ id }) => id).join(', ')} at the path of a probe`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  throw new TypeError(`Expected \`routes\` to implement the contract of ${contract.name}, got ${faults.join('; ')}`);
}
