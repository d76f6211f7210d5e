import type { ProviderOptions, SecretLease, SecretProvider, SecretReading } from '@org/secrets';
import { certificateIn } from './certificates.ts';
import type { VaultAnswer } from './client.ts';
import type { Connection } from './connection.ts';
import { locateReference, readLocation } from './locate.ts';
import type { SecretsMount } from './mounts.ts';
import { readData } from './secret-data.ts';
import { encodePath } from './vault-path.ts';
import { refusalOf } from './vault-errors.ts';

/** Vault as a provider of secrets; it owns the connection. */
export function createVaultProvider(connection: Connection, timeoutMs: number): SecretProvider {
  const { location, session, mounts } = connection;
  /** Paths whose last value was leased: it ends with the token that it was made for. */
  const leased = new Set<string>();
  const doingTo = (verb: string, path: string) => `${verb} \`vault:${path}\` at ${location}`;

  const read = async (written: string, { signal }: ProviderOptions): Promise<SecretReading> => {
    const { path, parameters } = readLocation(written);
    const doing = doingTo('read', path);
    const mount = await mounts.find(path, signal);
    if (mount.type === 'pki' && path.startsWith(`${mount.path}issue/`)) {
      const asked = { method: 'POST', path: encodePath(path), body: parameters, signal, doing } as const;
      return certificateReading(await connection.ask(asked), doing);
    }
    const { version: wanted } = parameters;
    const { answer, secret } = await readData(connection, mount, { path, version: wanted, signal, doing });
    const lease = leaseOf(answer, mount, path);
    return {
      value: textsOf(secret.data),
      ...(secret.version !== undefined && { version: String(secret.version) }),
      ...(lease && { lease }),
    };
  };

  return {
    location,
    timeoutMs,
    locate: (reference) => locateReference(reference, location),
    async read(path, options) {
      const reading = await read(path, options);
      if (reading.lease?.id === undefined) leased.delete(path);
      else leased.add(path);
      return reading;
    },
    async renew(lease, { signal }) {
      const doing = `renew a lease at ${location}`;
      const body = { lease_id: lease.id };
      const answer = await connection.ask({ method: 'POST', path: 'sys/leases/renew', body, signal, doing });
      if (answer.status !== 200) throw refusalOf(doing, answer);
      return { ...lease, ...termOf(answer) };
    },
    async revoke(lease, { signal }) {
      // They end with the tokens that they were made for, and those are revoked when the session ends.
      if (session.endsLeases) return;
      const doing = `revoke a lease at ${location}`;
      const body = { lease_id: lease.id, sync: true };
      const answer = await connection.ask({ method: 'POST', path: 'sys/leases/revoke', body, signal, doing });
      if (answer.status >= 300) throw refusalOf(doing, answer);
    },
    watch(path, changed) {
      const end = session.onReplaced(() => leased.has(path) && changed());
      return { [Symbol.dispose]: end };
    },
    check: (signal) => connection.check(signal),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** How long a value holds, where the engine says so. */
function leaseOf(answer: VaultAnswer, mount: SecretsMount, path: string): SecretLease | undefined {
  const { lease_id, data } = answer.body;
  if (typeof lease_id === 'string' && lease_id !== '') return { id: lease_id, ...termOf(answer) };
  // The password of a static role holds until it is rotated. @see https://developer.hashicorp.com/vault/api-docs/secret/databases#get-static-credentials
  const isStatic = mount.type === 'database' && path.startsWith(`${mount.path}static-creds/`);
  if (isStatic && typeof data?.ttl === 'number') return { durationMs: Math.max(1, data.ttl) * 1000 };
  return undefined;
}

function termOf({ body }: VaultAnswer): Pick<SecretLease, 'durationMs' | 'renewable'> {
  const seconds = typeof body.lease_duration === 'number' ? body.lease_duration : 0;
  return { durationMs: seconds * 1000, renewable: body.renewable === true };
}

function certificateReading(answer: VaultAnswer, doing: string): SecretReading {
  const { certificate, chain, authority, privateKey, serialNumber, validMs } = certificateIn(answer, { doing });
  return {
    value: { certificate, chain, authority, private_key: privateKey.reveal() },
    version: serialNumber,
    lease: { durationMs: validMs },
  };
}

/** Values as a service takes them: what is no text is its JSON, and what is nothing is left out. */
function textsOf(data: Readonly<Record<string, unknown>>): Record<string, string> {
  const known = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    known.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
