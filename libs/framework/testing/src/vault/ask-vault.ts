/** Where a Vault is, and as whom to ask it. */
export interface VaultAccess {
  readonly url: string;
  readonly token: string;
  readonly namespace?: string;
}

export interface VaultAnswer {
  readonly status: number;
  /** What the answer holds: `data`, `auth`, `lease_id`, `errors`, …; empty when it has no body. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Tests look into answers whose types nobody states.
  readonly body: any;
}

/**
 * Asks a Vault, to set up what a test needs: `askVault(vault, 'POST', 'sys/mounts/kv', { type: 'kv' })`.
 *
 * @param path Below `/v1/`.
 * @throws {Error} when it refuses, with what it says; `allowed` are statuses that are given instead.
 */
export async function askVault(
  { url, token, namespace }: VaultAccess,
  method: string,
  path: string,
  body?: object,
  allowed: readonly number[] = [],
): Promise<VaultAnswer> {
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': token, ...(namespace && { 'x-vault-namespace': namespace }) },
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok && !allowed.includes(response.status)) {
    throw new Error(`Expected ${method} ${path} to go well, got ${response.status}: ${text.slice(0, 500)}`);
  }
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : {} };
}
