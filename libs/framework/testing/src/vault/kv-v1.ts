import { parseSeconds } from './duration.ts';
import { envelope, invalid, noContent, nothingThere, ok, unsupportedOperation } from './reply.ts';
import { systemTtlSeconds, type Mount } from './state.ts';

/** The first version of the key-value engine. @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1 */
export function createKvV1(): Mount {
  const secrets = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    type: 'kv',
    options: { version: '1' },
    exists: (path) => secrets.has(path),
    handle({ method, path, body }) {
      if (method === 'GET') {
        const data = secrets.get(path);
        // A time to live is only a hint for whoever reads: nothing is leased.
        const lease_duration = parseSeconds(data?.ttl ?? data?.lease) ?? systemTtlSeconds;
        return data ? envelope({ data, lease_duration }) : nothingThere;
      }
      if (method === 'LIST') return listed(secrets.keys(), path);
      if (method === 'DELETE') return (secrets.delete(path), noContent);
      if (method !== 'POST') return unsupportedOperation;
      if (path === '') return invalid('missing path');
      if (Object.keys(body).length === 0) return invalid('missing data fields');
      return (secrets.set(path, body), noContent);
    },
  };
}

/** What lies directly below a path; folders end with a slash. */
export function listed(paths: Iterable<string>, below: string) {
  const folder = below === '' || below.endsWith('/') ? below : `${below}/`;
  const inside = [...paths].filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
  const keys = [...new Set(inside.map((path) => /^[^/]*\/?/.exec(path)?.[0] ?? path))].sort();
  return keys.length > 0 ? ok({ keys }) : nothingThere;
}
