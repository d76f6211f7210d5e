/** A name and what is under it. */
export type Property = readonly [name: string, value: unknown];

// What HTTP clients hang on their errors: headers with credentials, bodies, sockets.
const omittedOfErrors: ReadonlySet<string> = new Set([
  ...['config', 'request', 'response', 'req', 'res', 'socket', 'agent'],
  ...['name', 'message', 'stack', 'cause', 'errors'],
]);

/** The own enumerable properties of an object; one whose getter throws is shown as `[unreadable]`. */
export function properties(value: object): Property[] {
  return Object.keys(value).map((name) => [name, read(value, name)]);
}

/**
 * What a log says of an error: `type`, `message`, `stack`, its own other properties (`code` and `reason` among them),
 * `cause`, and the `errors` of an aggregate. What HTTP clients add (`config`, `request`, `response`, …) is left out.
 */
export function errorProperties(error: Error): Property[] {
  const shown: Property[] = [
    ['type', read(error, 'name')],
    ['message', read(error, 'message')],
    ['stack', read(error, 'stack')],
  ];
  for (const property of properties(error)) if (!omittedOfErrors.has(property[0])) shown.push(property);
  for (const name of ['cause', 'errors']) {
    const value = read(error, name);
    if (value !== undefined) shown.push([name, value]);
  }
  return shown;
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}
