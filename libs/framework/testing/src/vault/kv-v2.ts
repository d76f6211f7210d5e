import { listed } from './kv-v1.ts';
import { envelope, invalid, noContent, nothingThere, ok, unsupportedOperation } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import { isoTime, type Mount, type VaultState } from './state.ts';

interface Version {
  data: Readonly<Record<string, unknown>> | null;
  readonly createdAt: number;
  deletedAt: number | undefined;
  destroyed: boolean;
}

interface Secret {
  readonly versions: Map<number, Version>;
  current: number;
  casRequired: boolean;
}

interface Store {
  readonly state: VaultState;
  readonly secrets: Map<string, Secret>;
  maxVersions: number;
  casRequired: boolean;
}

/** The second version of the key-value engine. @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 */
export function createKvV2(state: VaultState): Mount {
  const store: Store = { state, secrets: new Map(), maxVersions: 10, casRequired: false };
  const parts = (path: string) => /^(data|delete|undelete|destroy|metadata)\/?(.*)$/s.exec(path)?.slice(1) ?? [];
  return {
    type: 'kv',
    options: { version: '2' },
    exists: (path) => store.secrets.has(parts(path)[1] ?? ''),
    handle(call) {
      const [operation = '', path = ''] = parts(call.path);
      if (call.path === 'config') return configure(store, call);
      if (operation === 'data') return data(store, path, call);
      if (operation === 'metadata') return metadata(store, path, call);
      if (operation !== '' && call.method === 'POST') return change(store, operation, path, call);
      const warnings = [
        'Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use.',
      ];
      return envelope({ warnings }, 404);
    },
  };
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#configure-the-kv-engine */
function configure(store: Store, { method, body }: VaultCall): VaultReply {
  if (method === 'GET') return ok({ cas_required: store.casRequired, max_versions: store.maxVersions });
  if (method !== 'POST') return unsupportedOperation;
  store.casRequired = body.cas_required === true;
  if (typeof body.max_versions === 'number' && body.max_versions > 0) store.maxVersions = body.max_versions;
  return noContent;
}

function data(store: Store, path: string, call: VaultCall): VaultReply {
  const secret = store.secrets.get(path);
  if (call.method === 'GET') return read(secret, Number(call.query.get('version') ?? 0));
  if (call.method === 'POST') return write(store, path, call);
  if (call.method !== 'DELETE') return unsupportedOperation;
  markDeleted(store, secret, [secret?.current ?? 0]);
  return noContent;
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version */
function read(secret: Secret | undefined, wanted: number): VaultReply {
  const number = wanted > 0 ? wanted : (secret?.current ?? 0);
  const version = secret?.versions.get(number);
  if (!version) return nothingThere;
  const gone = version.destroyed || version.deletedAt !== undefined;
  // Of a version that was deleted the metadata is shown all the same, with status 404.
  return envelope({ data: { data: gone ? null : version.data, metadata: about(number, version) } }, gone ? 404 : 200);
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-secret */
function write(store: Store, path: string, { body }: VaultCall): VaultReply {
  const { secrets, state, maxVersions } = store;
  if (path === '') return invalid('missing path');
  if (typeof body.data !== 'object' || body.data === null) return invalid('no data provided');
  const secret = secrets.get(path) ?? { versions: new Map<number, Version>(), current: 0, casRequired: false };
  const cas = (body.options as { cas?: unknown } | undefined)?.cas;
  if (cas === undefined && (store.casRequired || secret.casRequired)) {
    return invalid('check-and-set parameter required for this call');
  }
  if (cas !== undefined && Number(cas) !== secret.current) {
    return invalid('check-and-set parameter did not match the current version');
  }
  secret.current += 1;
  const written = body.data as Readonly<Record<string, unknown>>;
  const version: Version = { data: written, createdAt: state.now(), deletedAt: undefined, destroyed: false };
  secret.versions.set(secret.current, version);
  secret.versions.delete(secret.current - maxVersions);
  secrets.set(path, secret);
  return ok(about(secret.current, version));
}

function change(store: Store, operation: string, path: string, { body }: VaultCall): VaultReply {
  const secret = store.secrets.get(path);
  const versions = Array.isArray(body.versions) ? body.versions.map(Number) : [];
  if (versions.length === 0) return invalid('No version number provided');
  if (operation === 'delete') markDeleted(store, secret, versions);
  for (const number of versions) {
    const version = secret?.versions.get(number);
    if (version && operation === 'undelete') version.deletedAt = undefined;
    if (version && operation === 'destroy') Object.assign(version, { destroyed: true, data: null });
  }
  return noContent;
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-metadata */
function metadata({ secrets }: Store, path: string, { method, body }: VaultCall): VaultReply {
  const secret = secrets.get(path);
  if (method === 'LIST') return listed(secrets.keys(), path);
  if (method === 'DELETE') return (secrets.delete(path), noContent);
  if (method === 'POST') {
    const changed = secret ?? { versions: new Map<number, Version>(), current: 0, casRequired: false };
    if (typeof body.cas_required === 'boolean') changed.casRequired = body.cas_required;
    return (secrets.set(path, changed), noContent);
  }
  if (!secret) return nothingThere;
  const versions = Object.fromEntries(
    [...secret.versions].map(([number, version]) => [number, about(number, version)]),
  );
  return ok({ current_version: secret.current, cas_required: secret.casRequired, versions });
}

function markDeleted({ state }: Store, secret: Secret | undefined, versions: readonly number[]): void {
  for (const number of versions) {
    const version = secret?.versions.get(number);
    if (version) version.deletedAt ??= state.now();
  }
}

function about(version: number, { createdAt, deletedAt, destroyed }: Version) {
  return {
    version,
    created_time: isoTime(createdAt),
    deletion_time: deletedAt === undefined ? '' : isoTime(deletedAt),
    destroyed,
    custom_metadata: null,
  };
}
