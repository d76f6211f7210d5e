import type { Contract, Operation, OperationExample } from '@org/contract';
import type { Page } from './page.ts';

/** Where a person finds what a server serves, and a command to try it, for the terminal. */
export function linksOf(url: string, contract: Contract, pages: readonly Page[]): Record<string, string> {
  const attempt = firstAttempt(url, contract.operations);
  return {
    API: url,
    ...Object.fromEntries(pages.map(({ title, path }) => [title, `${url}${path}/`])),
    ...(attempt !== undefined && { Try: attempt }),
  };
}

/** The first operation with the example of a body, else the first GET that can be asked for as it is. */
function firstAttempt(url: string, operations: readonly Operation[]): string | undefined {
  const attempts = operations.flatMap((operation) => {
    const examples = Object.values(operation.examples ?? {});
    const example = examples.find(({ body }) => body !== undefined) ?? examples[0] ?? {};
    const path = filledPath(operation.path, example.params);
    return path === undefined ? [] : [{ operation, example, target: `${url}${path}` }];
  });
  const sent = attempts.find(({ example }) => example.body !== undefined);
  if (sent) return curlWithBody(sent.operation, sent.example, sent.target);
  const read = attempts.find(({ operation }) => operation.method === 'GET');
  return read && `curl ${quoted(read.target)}`;
}

function curlWithBody(
  { method, idempotencyKey }: Operation,
  { body, headers }: OperationExample,
  target: string,
): string {
  const sent = {
    'content-type': 'application/json',
    ...(idempotencyKey === 'required' && { 'idempotency-key': 'first-try' }),
    ...(headers as Record<string, string> | undefined),
  };
  const flags = Object.entries(sent).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return [
    'curl',
    ...(method === 'POST' ? [] : ['-X', method]),
    quoted(target),
    ...flags,
    '-d',
    quoted(JSON.stringify(body)),
  ].join(' ');
}

function filledPath(path: string, params: unknown): string | undefined {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  const filled = path.replaceAll(/:(\w+)/g, (name, key: string) => {
    const value = values[key];
    return typeof value === 'string' || typeof value === 'number' ? encodeURIComponent(value) : name;
  });
  return filled.includes('/:') ? undefined : filled;
}

/** For a POSIX shell. A plain address needs no quotes. */
function quoted(text: string): string {
  return /^[\w:/.@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
