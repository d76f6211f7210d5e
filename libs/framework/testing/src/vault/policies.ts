import type { Policy, VaultState } from './state.ts';
import type { VaultCall } from './reply.ts';

/** What the policy `default` grants. @see https://developer.hashicorp.com/vault/docs/concepts/policies#default-policy */
export const defaultPolicy: Policy = {
  'auth/token/lookup-self': ['read'],
  'auth/token/renew-self': ['update'],
  'auth/token/revoke-self': ['update'],
  'sys/capabilities-self': ['update'],
  'sys/leases/renew': ['update'],
  'sys/leases/lookup': ['update'],
  'sys/wrapping/lookup': ['update'],
  'sys/wrapping/unwrap': ['update'],
};

/**
 * Reads a policy written as JSON: `{"path":{"kv/data/*":{"capabilities":["read"]}}}`. Vault also takes HCL, which the
 * double does not. `undefined` for anything else.
 */
export function parsePolicy(text: unknown): Policy | undefined {
  try {
    const { path } = JSON.parse(String(text)) as { path: Record<string, { capabilities: string[] }> };
    return Object.fromEntries(Object.entries(path).map(([pattern, { capabilities }]) => [pattern, [...capabilities]]));
  } catch {
    return undefined;
  }
}

/**
 * What the policies of a token grant at a path: the pattern that says most about it decides, and where several policies
 * have it, all that they grant. @see https://developer.hashicorp.com/vault/docs/concepts/policies#policy-syntax
 */
export function capabilitiesAt(
  state: VaultState,
  token: { readonly namespace: string; readonly policies: readonly string[] },
  path: string,
): readonly string[] {
  if (token.policies.includes('root')) return ['create', 'read', 'update', 'delete', 'list', 'sudo'];
  const policies = policiesOf(state, token);
  const patterns = policies.flatMap(Object.keys).filter((pattern) => matches(pattern, path));
  const [decisive] = patterns.sort((one, other) => weight(other) - weight(one));
  if (decisive === undefined) return [];
  const granted = policies.flatMap((policy) => policy[decisive] ?? []);
  return granted.includes('deny') ? [] : [...new Set(granted)];
}

/** Whether a token may do anything at all below a path. */
export function reaches(
  state: VaultState,
  token: { readonly namespace: string; readonly policies: readonly string[] },
  mount: string,
): boolean {
  if (token.policies.includes('root')) return true;
  return policiesOf(state, token).some((policy) =>
    Object.entries(policy).some(([pattern, granted]) => {
      const fixed = pattern.replace(/[*+].*$/, '');
      return !granted.includes('deny') && (fixed.startsWith(mount) || (pattern !== fixed && mount.startsWith(fixed)));
    }),
  );
}

/** The capability that a request needs. */
export function neededFor(method: VaultCall['method'], exists: boolean): string {
  if (method === 'POST') return exists ? 'update' : 'create';
  return { GET: 'read', LIST: 'list', DELETE: 'delete' }[method];
}

function policiesOf(
  state: VaultState,
  { namespace, policies }: { readonly namespace: string; readonly policies: readonly string[] },
): Policy[] {
  const known = state.namespaces.get(namespace)?.policies;
  return policies.map((name) => known?.get(name) ?? {});
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern
    .replace(/[.?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('+', '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${expression}$`).test(path);
}

/** A pattern without wildcards says more than any other, and else the longer one does. */
function weight(pattern: string): number {
  return (/[*+]/.test(pattern) ? 0 : 1_000_000) + pattern.length;
}
