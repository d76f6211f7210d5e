import type { IncomingMessage } from 'node:http';
import { refuse, unsupportedOperation } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';

/** A request, read whole. */
export interface ReceivedCall {
  readonly call: VaultCall;
  /** Its query as it was sent, with `?`. */
  readonly search: string;
  readonly wrapTtl: string | undefined;
}

/** The largest body that Vault takes. @see https://developer.hashicorp.com/vault/docs/internals/limits#max-request-size */
const maxRequestSize = 33_554_432;

const methods: Readonly<Record<string, VaultCall['method']>> = {
  GET: 'GET',
  POST: 'POST',
  PUT: 'POST',
  DELETE: 'DELETE',
};

/** Reads a request to `/v1/…`, or gives what is to be answered to one that cannot be read. */
export async function readCall(request: IncomingMessage): Promise<ReceivedCall | VaultReply> {
  const url = new URL(request.url ?? '', 'http://localhost');
  const method = methods[request.method ?? ''];
  if (!url.pathname.startsWith('/v1/')) return refuse(404);
  if (!method) return unsupportedOperation;
  const body = await readBody(request);
  if (body === undefined) return refuse(400, 'failed to parse JSON input');
  // Node's parser knows no `LIST`, for which Vault also takes this.
  const isList = method === 'GET' && /^(true|1)$/.test(url.searchParams.get('list') ?? '');
  const bearer = /^Bearer (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
  const call: VaultCall = {
    method: isList ? 'LIST' : method,
    path: decodeURIComponent(url.pathname.slice('/v1/'.length)).replace(/\/*$/, isList ? '/' : ''),
    query: url.searchParams,
    body,
    token: header(request, 'x-vault-token') ?? bearer,
    namespace: (header(request, 'x-vault-namespace') ?? '').replace(/^\/|\/$/g, ''),
  };
  return { call, search: url.search, wrapTtl: header(request, 'x-vault-wrap-ttl') };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxRequestSize) return undefined;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function header({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
