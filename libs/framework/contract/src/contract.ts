import type { AsyncApiDocument } from './asyncapi.ts';
import { assertMessages, type MessagePromises } from './contract-messages.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { pathShape } from './path.ts';
import { assertSecurity, type SecurityRequirement, type SecurityScheme } from './security.ts';

/** What a service promises to those who use it. Plain data: servers implement it, clients import it. */
export interface Contract extends MessagePromises {
  /** The name of the service. */
  readonly name: string;
  /** Semantic version of the promises, not of the service. */
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  readonly operations: readonly Operation[];
  /** How callers can say who they are, by names that `security` uses. */
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  /** Of which a caller needs one, where an operation says nothing else. Default: anybody may call. */
  readonly security?: readonly SecurityRequirement[];
  /** The committed document, imported as JSON: what `/openapi.json` answers. */
  readonly openapi?: OpenApiDocument;
  /** The committed document of what is promised over a message broker, imported as JSON. */
  readonly asyncapi?: AsyncApiDocument;
}

/**
 * Puts the promises of a service together.
 *
 * @throws {TypeError} when two operations have the same id, or match the same requests, or one needs a security scheme
 *   that there is not, or two messages have the same type.
 */
export function defineContract<const Definition extends Contract>(definition: Definition): Definition {
  assertDistinct(definition.operations, ({ id }) => id);
  assertDistinct(definition.operations, ({ method, path }) => `${method} ${pathShape(path)}`);
  assertSecurity(definition);
  assertMessages(definition);
  return definition;
}

function assertDistinct(operations: readonly Operation[], by: (operation: Operation) => string): void {
  const seen = new Map<string, Operation>();
  for (const operation of operations) {
    const other = seen.get(by(operation));
    if (other) throw new TypeError(`Expected operations to differ, got ${shown(other)} and ${shown(operation)}`);
    seen.set(by(operation), operation);
  }
}

function shown({ id, method, path }: Operation): string {
  return `\`${id}\` (${method} ${path})`;
}
