import type { Contract } from './contract.ts';
import type { Operation } from './operation.ts';

/**
 * A way in which callers say who they are, as the OpenAPI document states it. A key in the query is left out: queries end
 * up in logs and histories.
 *
 * @see https://spec.openapis.org/oas/v3.1.1#security-scheme-object
 */
export type SecurityScheme = { readonly description?: string } & (
  | { readonly type: 'http'; readonly scheme: 'bearer'; readonly bearerFormat?: string }
  | { readonly type: 'http'; readonly scheme: 'basic' }
  /** The name of a header is in lower case. */
  | { readonly type: 'apiKey'; readonly in: 'header' | 'cookie'; readonly name: string }
  | { readonly type: 'openIdConnect'; readonly openIdConnectUrl: string }
  | { readonly type: 'oauth2'; readonly flows: OAuthFlows }
  | { readonly type: 'mutualTLS' }
);

/** The flows that OAuth 2.1 still has. */
export interface OAuthFlows {
  readonly clientCredentials?: OAuthFlow & { readonly tokenUrl: string };
  readonly authorizationCode?: OAuthFlow & { readonly authorizationUrl: string; readonly tokenUrl: string };
}

interface OAuthFlow {
  readonly refreshUrl?: string;
  /** What each scope allows, in a sentence. */
  readonly scopes: Readonly<Record<string, string>>;
}

/** All of these schemes are needed, each with all of its scopes. `{}` needs nothing: whoever calls may stay unknown. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** The alternatives of which an operation needs one; none when it is for anybody. */
export function securityOf(
  contract: Pick<Contract, 'security'>,
  operation: Pick<Operation, 'security'>,
): readonly SecurityRequirement[] {
  return operation.security ?? contract.security ?? [];
}

/**
 * Refuses schemes that are not well-formed, and requirements that no scheme can meet.
 *
 * @throws {TypeError} with the place.
 */
export function assertSecurity({ securitySchemes = {}, security = [], operations }: Contract): void {
  for (const [name, scheme] of Object.entries(securitySchemes)) {
    const fault = faultOfScheme(scheme);
    if (fault) throw new TypeError(`${fault} in the security scheme \`${name}\``);
  }
  assertMet(security, securitySchemes, 'the contract');
  for (const { id, security: own = [] } of operations) {
    assertMet(own, securitySchemes, `the operation \`${id}\``);
  }
}

type Schemes = Readonly<Record<string, SecurityScheme>>;

function assertMet(requirements: readonly SecurityRequirement[], schemes: Schemes, place: string): void {
  for (const [name, scopes] of requirements.flatMap((requirement) => Object.entries(requirement))) {
    const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
    if (!scheme) {
      const known = Object.keys(schemes).join(', ') || 'none';
      throw new TypeError(`Expected \`security\` of ${place} to name security schemes (${known}), got \`${name}\``);
    }
    if (scheme.type !== 'oauth2') continue;
    const offered = Object.values(scheme.flows).flatMap((flow: OAuthFlow) => Object.keys(flow.scopes));
    const wrong = scopes.find((scope) => !offered.includes(scope));
    if (wrong !== undefined) {
      throw new TypeError(`Expected \`security\` of ${place} to need scopes that \`${name}\` has, got \`${wrong}\``);
    }
  }
}

function faultOfScheme(scheme: SecurityScheme): string | undefined {
  if (scheme.type === 'apiKey' && !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(scheme.name) && scheme.in === 'header') {
    return `Expected \`name\` to be the lower-case name of a header, got \`${scheme.name}\``;
  }
  if (scheme.type === 'oauth2' && Object.keys(scheme.flows).length === 0)
    return 'Expected `flows` to have one at least';
  const wrong = urlsOf(scheme).find((url) => !URL.canParse(url));
  return wrong === undefined ? undefined : `Expected a URL, got \`${wrong}\``;
}

function urlsOf(scheme: SecurityScheme): string[] {
  if (scheme.type === 'openIdConnect') return [scheme.openIdConnectUrl];
  if (scheme.type !== 'oauth2') return [];
  const { clientCredentials, authorizationCode } = scheme.flows;
  const urls = [clientCredentials?.tokenUrl, clientCredentials?.refreshUrl, authorizationCode?.tokenUrl];
  return [...urls, authorizationCode?.authorizationUrl, authorizationCode?.refreshUrl].filter(
    (url) => url !== undefined,
  );
}
