import { boolean, defineSettings, duration, integer, list, port, secret, size, text, variable } from '@org/config';
import type { Fragment, Secret } from '@org/config';
import * as z from 'zod';
import { expectedProxy, problemOfProxy } from './client-address.ts';
import { expectedOrigin, problemOfOrigin, problemOfOrigins } from './cors-origins.ts';
import { expectedCertificate, expectedKey, readChain, readKey, readPair } from './tls-pair.ts';

/** Where REST is served and what it takes. Whatever is left out is as the variables have it by default. */
export interface RestSettings extends Partial<RestRules> {
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** The address to listen on; `undefined` for all interfaces. */
  readonly host?: string | undefined;
  /** The certificate in PEM, with those that signed it; with it and its key, REST is served over TLS. */
  readonly tlsCertificate?: Secret<string> | undefined;
  readonly tlsKey?: Secret<string> | undefined;
  /** The origins whose pages may use the API; `undefined` for none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** The proxies that are believed about the client; `undefined` for none. */
  readonly trustedProxies?: readonly string[] | undefined;
}

/** What holds for all requests. Sizes are in bytes, times in milliseconds. */
export interface RestRules {
  /** The most that the body of a request may have, where it is no upload. */
  readonly bodyLimit: number;
  /** The most that the request line and the headers may have in all. */
  readonly headersLimit: number;
  /** The most that the path and the query may have. */
  readonly urlLimit: number;
  /** How deep objects and arrays may be nested in a body. */
  readonly nestingLimit: number;
  /** How many requests are worked on at a time; more are told to come back. */
  readonly concurrency: number;
  /** How many connections there are at a time; more are closed. */
  readonly connections: number;
  /** How long the work on a request may take. */
  readonly timeoutMs: number;
  /** How long the headers of a request may take to arrive. */
  readonly headersTimeoutMs: number;
  /** How long a body may take to arrive, how long an upload may pause, and how long a client may read nothing of an answer. */
  readonly transferTimeoutMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveTimeoutMs: number;
  /** The part of the answers that is held to the contract, from 0 to 1. */
  readonly responseValidation: number;
  readonly compression: boolean;
  readonly corsCredentials: boolean;
}

export const defaultRules: RestRules = {
  bodyLimit: 2 ** 20,
  headersLimit: 16 * 2 ** 10,
  urlLimit: 8 * 2 ** 10,
  nestingLimit: 64,
  concurrency: 1_000,
  connections: 10_000,
  timeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  transferTimeoutMs: 20_000,
  // Longer than load balancers wait, which is 60 s as a rule: whoever closes first must not be this end.
  keepAliveTimeoutMs: 65_000,
  responseValidation: 1,
  compression: false,
  corsCredentials: false,
};

/** The settings of `serveRest`; `port` is the service's own, from its block of ports. */
export function restSettings({ port: usual }: { port: number }): Fragment<RestSettings> {
  return defineSettings<RestSettings>(
    {
      port: variable('PORT', port(), { description: 'The port that REST is served on.', default: String(usual) }),
      host: variable('HOST', text(), {
        description: 'The address that REST is served on; all interfaces when it is not set.',
        optional: true,
        example: '127.0.0.1',
      }),
      ...limits,
      ...times,
      ...browsers,
      ...connections,
    },
    { check: faultsOf },
  );
}

const limits = {
  bodyLimit: variable('REST_BODY_LIMIT', size({ min: '1B', max: '1GiB' }), {
    description: 'The most that the body of a request may have; an upload has a limit of its own.',
    default: '1MiB',
  }),
  headersLimit: variable('REST_HEADERS_LIMIT', size({ min: '1KiB', max: '1MiB' }), {
    description: 'The most that the headers of a request may have in all.',
    default: '16KiB',
  }),
  urlLimit: variable('REST_URL_LIMIT', size({ min: '64B', max: '1MiB' }), {
    description: 'The most that the path and the query of a request may have.',
    default: '8KiB',
  }),
  nestingLimit: variable('REST_NESTING_LIMIT', integer({ min: 1, max: 1_000 }), {
    description: 'How deep objects and arrays may be nested in the body of a request.',
    default: '64',
  }),
  concurrency: variable('REST_CONCURRENCY', integer({ min: 1, max: 1_000_000 }), {
    description: 'How many requests are worked on at a time; more are answered with 503 and `Retry-After`.',
    default: '1000',
  }),
  connections: variable('REST_CONNECTIONS', integer({ min: 1, max: 1_000_000 }), {
    description: 'How many connections there are at a time; more are closed at once.',
    default: '10000',
  }),
};

const times = {
  timeoutMs: variable('REST_TIMEOUT', duration({ min: '1ms' }), {
    description: 'How long the work on a request may take; then it is answered with 504.',
    default: '30s',
  }),
  headersTimeoutMs: variable('REST_HEADERS_TIMEOUT', duration({ min: '10ms' }), {
    description: 'How long the headers of a request may take to arrive.',
    default: '10s',
  }),
  transferTimeoutMs: variable('REST_TRANSFER_TIMEOUT', duration({ min: '10ms' }), {
    description:
      'How long the body of a request may take to arrive, how long an upload may pause, and how long a client may read nothing of its answer.',
    default: '20s',
  }),
  keepAliveTimeoutMs: variable('REST_KEEP_ALIVE_TIMEOUT', duration({ min: '10ms' }), {
    description:
      'How long a connection may wait for its next request: longer than the load balancer in front keeps it.',
    default: '65s',
  }),
};

const browsers = {
  responseValidation: variable('REST_RESPONSE_VALIDATION', ratio(), {
    description: 'The part of the answers that is held to the contract, from `0` (none) to `1` (each).',
    default: '1',
  }),
  compression: variable('REST_COMPRESSION', boolean(), {
    description: 'Whether answers of 1 KiB and more are compressed for clients that take it.',
    default: 'false',
  }),
  corsOrigins: variable('REST_CORS_ORIGINS', list(checked(problemOfOrigin, 'origin', expectedOrigin)), {
    description: 'The origins whose pages may use the API from a browser; none when it is not set.',
    optional: true,
    example: 'https://app.example.com,https://*.example.org',
  }),
  corsCredentials: variable('REST_CORS_CREDENTIALS', boolean(), {
    description: 'Whether requests from those origins may carry cookies.',
    default: 'false',
  }),
};

const connections = {
  trustedProxies: variable('REST_TRUSTED_PROXIES', list(checked(problemOfProxy, 'proxy', expectedProxy)), {
    description:
      'The proxies that are believed when they say who the client is (`x-forwarded-for`, `x-forwarded-proto`); none when it is not set.',
    optional: true,
    example: 'loopback,10.0.0.0/8',
  }),
  tlsCertificate: variable('REST_TLS_CERTIFICATE', secret(readable(readChain, 'certificate', expectedCertificate)), {
    description:
      'The certificate that REST is served with over TLS, and those that signed it, in PEM; without it, REST is served over plain HTTP.',
    optional: true,
    example: 'kubernetes:tls/tls.crt',
  }),
  tlsKey: variable('REST_TLS_KEY', secret(readable(readKey, 'private key', expectedKey)), {
    description: 'The private key of REST_TLS_CERTIFICATE, in PEM.',
    optional: true,
    example: 'kubernetes:tls/tls.key',
  }),
};

/** What only shows when the values are seen together. */
function faultsOf({ corsOrigins = [], corsCredentials = false, tlsCertificate, tlsKey }: RestSettings): string[] {
  const problem = problemOfOrigins(corsOrigins, corsCredentials);
  return [...(problem ? [`REST_CORS_ORIGINS: expected ${problem}`] : []), ...faultsOfTls(tlsCertificate, tlsKey)];
}

function faultsOfTls(certificate: Secret<string> | undefined, key: Secret<string> | undefined): string[] {
  if (!certificate && !key) return [];
  if (!certificate || !key) return ['REST_TLS_KEY: expected it beside REST_TLS_CERTIFICATE, got only one of them'];
  try {
    readPair(certificate.reveal(), key.reveal());
    return [];
  } catch (error) {
    return [`REST_TLS_CERTIFICATE and REST_TLS_KEY: ${(error as Error).message}`];
  }
}

function ratio() {
  return z
    .string()
    .regex(/^(?:0|1|0\.\d{1,6})$/)
    .transform(Number)
    .meta({ type: 'ratio', expected: 'a number from 0 to 1, such as 0.05' });
}

function checked(problemOf: (text: string) => string | undefined, type: string, expected: string) {
  return z
    .string()
    .refine((entry) => problemOf(entry) === undefined)
    .meta({ type, expected });
}

function readable(read: (text: string) => unknown, type: string, expected: string) {
  return z
    .string()
    .refine((pem) => read(pem) !== undefined)
    .meta({ type, expected });
}
