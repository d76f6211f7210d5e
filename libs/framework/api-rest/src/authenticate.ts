import {
  securityOf,
  type Contract,
  type Operation,
  type SecurityRequirement,
  type SecurityScheme,
} from '@org/contract';
import type { Identity } from '@org/context';
import { ServiceError } from '@org/errors';
import type { Request } from 'express';
import type { RestExchange } from './exchange.ts';
import type { Exchange } from './implement.ts';
import { Refusal, refuse, withoutStack } from './refusal.ts';

/**
 * Finds out who makes a request: the identity that its credentials stand for, `undefined` when it has none of this scheme.
 * It runs before the body is read, for operations whose contract asks for the scheme.
 *
 * @throws {ServiceError} unauthenticated, when there are credentials and they do not hold.
 */
export type Authenticate = (request: Request, exchange: Exchange) => MaybePromise<Identity | undefined>;

type MaybePromise<Value> = Value | Promise<Value>;

/** How each security scheme of the contract is checked, by its name. */
export type Authentication = Readonly<Record<string, Authenticate>>;

/** Lets a request pass, or throws. It gives a promise only where it has to wait. */
export type Guard = (exchange: RestExchange) => void | Promise<void>;

/**
 * Makes what stands before an operation: one of its alternatives must be met, in their order, by identities that have
 * the scopes it asks for. The first identity of that alternative becomes the exchange's.
 *
 * @returns `undefined` when anybody may call.
 */
export function createGuard(
  contract: Contract,
  operation: Operation,
  authentication: Authentication,
): Guard | undefined {
  const requirements = securityOf(contract, operation);
  if (requirements.length === 0) return undefined;
  const challenge = { 'www-authenticate': challengeOf(contract, requirements) };
  const missing = refuse('CREDENTIALS_MISSING', { headers: challenge });
  const alternatives = requirements.map((requirement) => Object.entries(requirement));
  const [only] = alternatives;
  const [scheme] = only ?? [];
  if (alternatives.length === 1 && only?.length === 1 && scheme) {
    return guardByOne(authentication[scheme[0]]!, scheme[1], missing);
  }
  return async (exchange) => {
    let short: string[] | undefined;
    for (const alternative of alternatives) {
      const identities: Identity[] = [];
      for (const [name, scopes] of alternative) {
        const identity = await identify(authentication[name]!, exchange, missing);
        if (!identity) break;
        const lacking = scopes.filter((scope) => !identity.scopes.includes(scope));
        if (lacking.length > 0) short ??= [...scopes];
        else identities.push(identity);
      }
      if (identities.length < alternative.length) continue;
      exchange.identity = identities[0];
      return;
    }
    throw short ? scopeMissing(short) : missing;
  };
}

/** The usual case, without a promise where the check needs none. */
function guardByOne(authenticate: Authenticate, scopes: readonly string[], missing: Refusal): Guard {
  const admit = (exchange: RestExchange, identity: Identity | undefined) => {
    if (!identity) throw missing;
    for (const scope of scopes) if (!identity.scopes.includes(scope)) throw scopeMissing(scopes);
    exchange.identity = identity;
  };
  return (exchange) => {
    let identity: MaybePromise<Identity | undefined>;
    try {
      identity = authenticate(exchange.request, exchange);
    } catch (thrown) {
      throw challenged(thrown, missing);
    }
    if (!(identity instanceof Promise)) return admit(exchange, identity);
    return identity.then(
      (found) => admit(exchange, found),
      (thrown: unknown) => {
        throw challenged(thrown, missing);
      },
    );
  };
}

async function identify(authenticate: Authenticate, exchange: RestExchange, missing: Refusal) {
  try {
    return await authenticate(exchange.request, exchange);
  } catch (thrown) {
    throw challenged(thrown, missing);
  }
}

/** RFC 9110 section 15.5.2: a 401 says what would help. RFC 6750 section 3.1: and that the token is to blame. */
function challenged(thrown: unknown, { headers }: Refusal): unknown {
  if (!(thrown instanceof ServiceError && thrown.code === 'unauthenticated')) return thrown;
  const challenge = headers['www-authenticate']!.replace(/^Bearer$|^Bearer(?=,)/, 'Bearer error="invalid_token"');
  const headersOfRefusal = { 'www-authenticate': challenge };
  return withoutStack(
    () =>
      new Refusal(401, thrown.message, {
        reason: thrown.reason ?? 'CREDENTIALS_INVALID',
        cause: thrown,
        headers: headersOfRefusal,
      }),
  );
}

function scopeMissing(scopes: readonly string[]): Refusal {
  // RFC 6750 section 3.1.
  const challenge = `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`;
  return refuse('SCOPE_MISSING', { details: { scopes }, headers: { 'www-authenticate': challenge } });
}

function challengeOf({ name, securitySchemes = {} }: Contract, requirements: readonly SecurityRequirement[]): string {
  const named = new Set(requirements.flatMap((requirement) => Object.keys(requirement)));
  const challenges = [...named].map((scheme) => challengeFor(securitySchemes[scheme]!, name));
  return [...new Set(challenges)].join(', ');
}

function challengeFor(scheme: SecurityScheme, realm: string): string {
  if (scheme.type === 'http' && scheme.scheme === 'basic') return `Basic realm="${realm}", charset="UTF-8"`;
  if (scheme.type === 'apiKey') return scheme.in === 'cookie' ? 'Cookie' : 'ApiKey';
  return scheme.type === 'mutualTLS' ? 'Mutual' : 'Bearer';
}

/**
 * Holds the schemes of the contract against the ways to check them.
 *
 * @throws {TypeError} when one is without the other.
 */
export function assertAuthentication(
  { name, operations, ...contract }: Contract,
  authentication: Authentication,
): void {
  const asked = new Set(
    operations.flatMap((operation) => securityOf(contract, operation).flatMap((each) => Object.keys(each))),
  );
  const missing = [...asked].filter((scheme) => !Object.hasOwn(authentication, scheme));
  const known = contract.securitySchemes ?? {};
  const strange = Object.keys(authentication).filter((scheme) => !Object.hasOwn(known, scheme));
  const faults = [
    missing.length > 0 && `nothing for ${missing.join(', ')}`,
    strange.length > 0 && `something for ${strange.join(', ')}, which the contract does not have`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  throw new TypeError(`Expected \`authenticate\` to check the security schemes of ${name}, got ${faults.join('; ')}`);
}
