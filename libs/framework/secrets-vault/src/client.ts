import { readFileSync } from 'node:fs';
import { toServiceError } from '@org/errors';
import { secretStoreTimeout, type Clock } from '@org/secrets';
import type { client as NodeVaultClient } from 'node-vault';
import type { VaultSettings } from './settings.ts';
import { createTransport, type WireAnswer } from './transport.ts';
import { fileUnusable, notConfigured, rateLimited } from './vault-errors.ts';
import { saidIn } from './said.ts';

export interface VaultAsk {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/`, each segment encoded. */
  readonly path: string;
  readonly body?: object;
  readonly token?: string;
  /** Ends it before its time is over. */
  readonly signal: AbortSignal;
  /** As in "Cannot read …". */
  readonly doing: string;
  /** Texts of the request that Vault may repeat when it refuses it, and that nobody may see. */
  readonly secrets?: readonly string[];
}

/** What Vault answered, good or bad. */
export interface VaultAnswer {
  readonly status: number;
  /** @see https://developer.hashicorp.com/vault/api-docs */
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly auth?: {
      readonly client_token?: unknown;
      readonly lease_duration?: unknown;
      readonly renewable?: unknown;
    } | null;
    readonly lease_id?: unknown;
    readonly lease_duration?: unknown;
    readonly renewable?: unknown;
  };
  /** Its errors in one line, without secrets; `status 404` when it names none. */
  readonly said: string;
  /** When the answer was made, by the clock of whoever made it; `undefined` when it does not say. */
  readonly date: number | undefined;
  readonly retryAfterMs: number | undefined;
}

export interface VaultClient extends Disposable {
  /** The address, which holds neither user nor password. */
  readonly location: string;
  /**
   * Asks once, for no longer than `VAULT_CLIENT_TIMEOUT`. An answer of any status is given back.
   *
   * @throws {ServiceError} when there is no answer; VAULT_RATE_LIMITED without asking, while Vault wants to be left alone.
   */
  ask(request: VaultAsk): Promise<VaultAnswer>;
}

/** How long a Vault that does not say when to come back is left alone, and the longest that one is obeyed. */
const [usualPauseMs, longestPauseMs] = [1_000, 60_000];

/**
 * A client of node-vault that goes over a transport of ours: its own follows redirects with the token, knows neither signals
 * nor limits, puts the token into its errors, and holds 202 for a failure.
 *
 * @throws {ServiceError} VAULT_ADDRESS_MISSING, VAULT_FILE_UNUSABLE.
 */
export async function openClient(settings: VaultSettings, clock: Clock): Promise<VaultClient> {
  const { address, nodes = [], namespace = '', serverName } = settings;
  if (address === undefined) throw notConfigured();
  const origins = [address, ...nodes].map((each) => new URL(each).origin);
  const authority = readAuthority(settings);
  const transport = createTransport({ origins, ...(authority && { authority }), ...(serverName && { serverName }) });
  const { default: nodeVault } = await import('node-vault');
  const client = nodeVault({
    endpoint: address,
    // Its own notes hold what is sent.
    debug: () => undefined,
    'request-promise': { defaults: () => sendBy(transport.send) },
  });
  // What is not given it would take from the environment.
  Object.assign(client, { token: '', namespace, pathPrefix: '' });

  let pausedUntil = 0;
  return {
    location: address.replace(/\/$/, ''),
    async ask(request) {
      const pauseMs = pausedUntil - clock.now();
      if (pauseMs > 0) throw rateLimited(request.doing, pauseMs);
      const answer = await sendInTime(client, request, settings.timeoutMs);
      if (answer.status === 429) pausedUntil = clock.now() + (answer.retryAfterMs ?? usualPauseMs);
      return answer;
    },
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  };
}

/** What node-vault hands on of a request. */
interface HandedOn {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly signal: AbortSignal;
  readonly doing: string;
}

/** The transport in the shape of the one that node-vault takes; it sees each answer as good, with ours in its body. */
function sendBy(send: ReturnType<typeof createTransport>['send']) {
  return async ({ method, uri, headers, json, signal, doing }: HandedOn) => {
    const body = await send({ method, url: uri, headers, signal, doing, ...(json && { body: json }) });
    return { statusCode: 200, request: { path: '' }, body };
  };
}

async function sendWith(
  client: NodeVaultClient,
  { method, path, body = {}, token, signal, doing }: VaultAsk,
): Promise<WireAnswer> {
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
  // Proxies and agents of Vault refuse what a browser could have been made to send.
  const headers = { 'x-vault-request': 'true', ...type, ...(token !== undefined && { 'x-vault-token': token }) };
  const options = { headers, signal, doing };
  if (method === 'GET') return (await client.read(path, options)) as WireAnswer;
  if (method === 'DELETE') return (await client.delete(path, options)) as WireAnswer;
  return (await client.write(path, body, options)) as WireAnswer;
}

async function sendInTime(client: NodeVaultClient, request: VaultAsk, timeoutMs: number): Promise<VaultAnswer> {
  const { doing, signal } = request;
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(secretStoreTimeout(doing, timeoutMs)), timeoutMs);
  try {
    return answerOf(await sendWith(client, { ...request, signal: AbortSignal.any([signal, over.signal]) }), request);
  } catch (error) {
    throw toServiceError(error);
  } finally {
    clearTimeout(timer);
  }
}

function answerOf({ status, headers, body }: WireAnswer, { secrets = [], token = '' }: VaultAsk): VaultAnswer {
  const seconds = Number(headers['retry-after'] ?? NaN);
  const date = Date.parse(headers.date ?? '');
  return {
    status,
    body: typeof body === 'object' && body !== null ? body : {},
    said: saidIn(body, status, [...secrets, token]),
    date: Number.isNaN(date) ? undefined : date,
    retryAfterMs: seconds > 0 ? Math.min(seconds * 1000, longestPauseMs) : undefined,
  };
}

function readAuthority({ authorityFile }: VaultSettings): string | undefined {
  if (authorityFile === undefined) return undefined;
  const doing = 'open Vault';
  try {
    const text = readFileSync(authorityFile, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    const why = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    throw fileUnusable(doing, { variable: 'VAULT_CACERT', file: authorityFile, why });
  }
  throw fileUnusable(doing, { variable: 'VAULT_CACERT', file: authorityFile, why: 'holds no certificate in PEM' });
}
