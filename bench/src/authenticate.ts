import type { Authenticate } from '@org/api-rest';
import type { Identity } from '@org/context';
import { ServiceError } from '@org/errors';
import { jwtVerify, type JWTPayload } from 'jose';

/** How many verified tokens are remembered; the oldest goes first. */
const mostTokens = 1_000;

interface Known {
  readonly identity: Identity;
  /** In seconds since the epoch. */
  readonly expiresAt: number;
}

/** What a token must be: the key that signed it with HS256, who issued it, and for whom. */
export interface TokenRules {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Checks bearer tokens, and remembers those that were good for as long as they hold. */
export function createBearer({ secret, issuer, audience }: TokenRules): Authenticate {
  const key = new TextEncoder().encode(secret);
  const known = new Map<string, Known>();

  async function verify(token: string): Promise<Identity> {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, key, { issuer, audience, algorithms: ['HS256'], requiredClaims: ['exp'] }));
    } catch (cause) {
      throw new ServiceError('unauthenticated', 'The token does not hold', { reason: 'TOKEN_INVALID', cause });
    }
    const identity = { subject: payload.sub ?? '', scopes: scopesOf(payload), claims: payload };
    if (known.size >= mostTokens) known.delete(known.keys().next().value!);
    known.set(token, { identity, expiresAt: payload.exp! });
    return identity;
  }

  return ({ headers: { authorization } }) => {
    if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined;
    const token = authorization.slice('Bearer '.length);
    const found = known.get(token);
    if (found && found.expiresAt > Date.now() / 1000) return found.identity;
    known.delete(token);
    return verify(token);
  };
}

function scopesOf({ scope }: JWTPayload): string[] {
  return typeof scope === 'string' ? scope.split(' ') : [];
}
