import type {
  ZodOpenApiComponentsObject,
  ZodOpenApiObject,
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
} from 'zod-openapi';
import { completeSchema } from './complete-schema.ts';
import type { Contract } from './contract.ts';
import { assertExamples, exampleParameters } from './openapi-examples.ts';
import { describeOperation } from './openapi-operation.ts';
import { openApiPath } from './path.ts';

/** An OpenAPI document as plain JSON. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/**
 * Makes the OpenAPI document of a contract: the same bytes for the same contract.
 * What makes it is loaded when it is asked for, so a service that serves a committed document never loads it.
 *
 * @throws {TypeError} when an example does not fit its schema.
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export async function openApiDocument(contract: Contract): Promise<OpenApiDocument> {
  for (const operation of contract.operations) assertExamples(operation);
  const { createDocument } = await import('zod-openapi');
  const tags = [...new Set(contract.operations.flatMap(({ tags }) => tags ?? []))];
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: contract.title,
        version: contract.version,
        ...(contract.description && { description: contract.description }),
      },
      // Relative to where the document is served, so that it holds behind a prefix as well.
      servers: [{ url: '.' }],
      ...(tags.length > 0 && { tags: tags.map((name) => ({ name })) }),
      paths: describePaths(contract),
      ...(contract.security && { security: contract.security as ZodOpenApiObject['security'] & object }),
      components: {
        headers: { RequestId: requestIdHeader },
        ...(contract.securitySchemes && {
          securitySchemes: contract.securitySchemes as ZodOpenApiComponentsObject['securitySchemes'] & object,
        }),
      },
    },
    { override: completeSchema },
  );
  exampleParameters(contract, document);
  return JSON.parse(JSON.stringify(document)) as OpenApiDocument;
}

/** The text of the document as it is committed: two spaces, a newline at the end. */
export async function renderOpenApi(contract: Contract): Promise<string> {
  return `${JSON.stringify(await openApiDocument(contract), null, 2)}\n`;
}

const requestIdHeader = {
  description: 'What to look for in the logs: the caller’s own id when it is well-formed, else a new one.',
  required: true,
  schema: { type: 'string' },
} as const;

function describePaths(contract: Contract): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of contract.operations) {
    const path = (paths[openApiPath(operation.path)] ??= {});
    path[operation.method.toLowerCase()] = describeOperation(contract, operation);
  }
  return paths;
}
