import { parse as parseQuery } from 'node:querystring';
import type { Contract, Operation } from '@org/contract';
import { ServiceError, toServiceError } from '@org/errors';
import { errorFromAnswer } from '../error-from-answer.ts';
import { answerWith } from './fake-answer.ts';
import type { FakeCall, FakeExchange } from './fake-client.ts';
import { checkFakeInput, type RawInput } from './fake-input.ts';
import { problemOf } from './fake-problem.ts';

type Handler = (input: FakeCall['input'], exchange: FakeExchange) => unknown;
const mostCalls = 10_000;

/** A `fetch` that answers as a service would whose handlers are these. */
export function createFakeFetch(contract: Contract, handlers: object, calls: FakeCall[]): typeof fetch {
  const routes = contract.operations.map((operation) => ({ operation, pattern: patternOf(operation) }));
  const handlerOf = new Map<string, Handler | undefined>(Object.entries(handlers));
  return async (target, init = {}) => {
    const url = new URL(target);
    const headers = Object.fromEntries(new Headers(init.headers));
    for (const { operation, pattern } of routes) {
      const match = operation.method === init.method && pattern.exec(url.pathname);
      if (!match) continue;
      const raw: RawInput = {
        params: decoded(match.groups),
        query: { ...parseQuery(url.search.slice(1)) },
        headers,
        body: init.body ?? undefined,
      };
      return await respond(contract, operation, handlerOf.get(operation.id), raw, { init, calls, path: url.pathname });
    }
    throw new ServiceError(
      'internal',
      `The fake of ${contract.name} has no operation at ${init.method} ${url.pathname}`,
    );
  };
}

interface Arrival {
  readonly init: RequestInit;
  readonly calls: FakeCall[];
  readonly path: string;
}

async function respond(
  contract: Contract,
  operation: Operation,
  handler: Handler | undefined,
  raw: RawInput,
  { init, calls, path }: Arrival,
): Promise<Response> {
  const { input, error } = checkFakeInput(operation, raw);
  const { headers } = raw;
  if (calls.length < mostCalls) calls.push({ operation: operation.id, input, headers });
  const answerHeaders = new Headers();
  const signal = init.signal ?? new AbortController().signal;
  let given: unknown;
  try {
    if (error) throw error;
    given = handler ? await handler(input, { signal, headers, answerHeaders }) : exampleOf(contract, operation);
  } catch (thrown) {
    return failed(contract, operation, thrown, { path, requestId: headers['x-request-id'] ?? '' });
  }
  return answerWith(operation, given, answerHeaders);
}

/** The answer to what a handler threw: a foreign error is kept as the cause, since it is the test's own. */
function failed(contract: Contract, operation: Operation, thrown: unknown, place: { path: string; requestId: string }) {
  if (thrown instanceof NoAnswer) throw thrown;
  const { status, text, headers } = problemOf(toServiceError(thrown), place);
  const response = new Response(text, { status, headers });
  if (thrown instanceof ServiceError) return response;
  const callee = { operation: operation.id, service: contract.name };
  const { code, message } = errorFromAnswer(response, text, callee);
  throw new ServiceError(code, message, { cause: thrown });
}

/** What the fake itself has to say, and not the service that it stands for. */
class NoAnswer extends ServiceError {}

function exampleOf({ name }: Contract, { id, examples = {} }: Operation): unknown {
  const example = Object.values(examples).find(({ success }) => success !== undefined);
  if (example) return example.success;
  throw new NoAnswer('unimplemented', `The fake of ${name} has no handler for \`${id}\`, and the contract no example`);
}

function patternOf({ path }: Operation): RegExp {
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}

function decoded(groups: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
}
