import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Where a Vault is, and as whom to ask it. */
export interface VaultAccess {
  readonly url: string;
  readonly token: string;
  readonly namespace?: string;
  /** Who signed its certificate, in PEM. Default: whom Node trusts. */
  readonly authority?: string;
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
 * @throws {Error} when it refuses, with what it says, or does not answer within 10 s; `allowed` are statuses that are given instead.
 */
export async function askVault(
  access: VaultAccess,
  method: string,
  path: string,
  body?: object,
  allowed: readonly number[] = [],
): Promise<VaultAnswer> {
  const { statusCode: status = 0, text } = await send(access, method, path, body);
  if ((status < 200 || status > 299) && !allowed.includes(status)) {
    throw new Error(`Expected ${method} ${path} to go well, got ${status}: ${text.slice(0, 500)}`);
  }
  return { status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : {} };
}

async function send({ url, token, namespace, authority }: VaultAccess, method: string, path: string, body?: object) {
  const headers = { 'x-vault-token': token, ...(namespace && { 'x-vault-namespace': namespace }) };
  const options = { method, headers, signal: AbortSignal.timeout(10_000), ...(authority && { ca: authority }) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const at = `${url}/v1/${path}`;
    const sending = at.startsWith('https:') ? requestHttps(at, options) : requestHttp(at, options);
    sending.once('response', resolve).once('error', reject);
    sending.end(body && JSON.stringify(body));
  });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { statusCode: answer.statusCode, text };
}
