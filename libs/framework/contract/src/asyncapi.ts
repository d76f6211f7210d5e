import type { Contract } from './contract.ts';

/** An AsyncAPI document as plain JSON. */
export interface AsyncApiDocument {
  readonly asyncapi: string;
  readonly channels?: Readonly<Record<string, unknown>>;
  readonly operations?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/**
 * Makes the AsyncAPI document of what a contract promises over a message broker: the same bytes for the same contract.
 * What makes it is loaded when it is asked for.
 *
 * @throws {TypeError} when an example does not fit its schema.
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export async function asyncApiDocument(contract: Contract): Promise<AsyncApiDocument> {
  const { describeMessages } = await import('./asyncapi-document.ts');
  return JSON.parse(JSON.stringify(describeMessages(contract))) as AsyncApiDocument;
}

/** The text of the document as it is committed: two spaces, a newline at the end. */
export async function renderAsyncApi(contract: Contract): Promise<string> {
  return `${JSON.stringify(await asyncApiDocument(contract), null, 2)}\n`;
}
