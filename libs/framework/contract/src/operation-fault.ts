import { isCode } from '@org/errors';
import type * as z from 'zod';
import { faultOfMediaTypes } from './content.ts';
import { faultOfDeprecation } from './deprecation.ts';
import type { Operation } from './operation.ts';
import { assertPath, pathParameters } from './path.ts';

type Definition = Omit<Operation, 'params' | 'headers'> & {
  readonly params?: z.ZodObject;
  readonly headers?: z.ZodObject | undefined;
};

/**
 * What contradicts itself in an operation, if anything does.
 *
 * @throws {TypeError} when the path is none.
 */
export function faultOfOperation(operation: Definition): string | undefined {
  assertPath(operation.path);
  if (!/^[a-z]\w*$/.test(operation.id)) return 'Expected `id` to be a camelCase name';
  const { deprecated } = operation;
  for (const faultOf of [faultOfParams, faultOfHeaders, faultOfBody, faultOfUpload, faultOfSuccess, faultOfErrors]) {
    const fault = faultOf(operation);
    if (fault) return fault;
  }
  return typeof deprecated === 'object' ? faultOfDeprecation(deprecated) : undefined;
}

function faultOfParams({ path, params }: Definition): string | undefined {
  const named = pathParameters(path).sort().join(', ');
  const stated = params && Object.keys(params.shape).sort().join(', ');
  if (stated === undefined || stated === named) return undefined;
  return `Expected \`params\` to have exactly the names in \`${path}\`, got \`${stated}\``;
}

function faultOfHeaders({ headers, success }: Definition): string | undefined {
  const names = [...Object.keys(headers?.shape ?? {}), ...Object.keys(success.headers ?? {})];
  const wrong = names.find((name) => !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name));
  return wrong === undefined ? undefined : `Expected headers by their lower-case names, got \`${wrong}\``;
}

function faultOfBody({ method, body, upload, success, idempotencyKey }: Definition): string | undefined {
  if (method === 'GET' && (body ?? upload))
    return `Expected a GET without \`${body ? 'body' : 'upload'}\`, which means nothing there (RFC 9110 section 9.3.1)`;
  if (!idempotencyKey) return undefined;
  if (method === 'GET') return 'Expected a GET without `idempotencyKey`, since it changes nothing';
  const streamed = upload ? 'upload' : success.stream ? 'success.stream' : success.events && 'success.events';
  return (
    streamed && `Expected no \`idempotencyKey\` with \`${streamed}\`: a stream is not kept to be compared or repeated`
  );
}

function faultOfUpload({ body, upload }: Definition): string | undefined {
  if (!upload) return undefined;
  const { mediaTypes, maximumBytes = 1 } = upload;
  if (body) return 'Expected `body` or `upload`, got both';
  if (!(Number.isSafeInteger(maximumBytes) && maximumBytes >= 1)) {
    return `Expected \`upload.maximumBytes\` to be an integer from 1 up, got \`${maximumBytes}\``;
  }
  return faultOfMediaTypes(mediaTypes, 'range');
}

function faultOfSuccess({ success }: Definition): string | undefined {
  const { status, body, stream, events } = success;
  if (!(Number.isInteger(status) && status >= 200 && status < 400)) {
    return `Expected \`success.status\` to be from 200 to 399, got \`${status}\``;
  }
  const bodies = Object.entries({ body, stream, events }).filter(([, stated]) => stated !== undefined);
  const [[name] = []] = bodies;
  if (bodies.length > 1)
    return `Expected one body of \`success\`, got \`${bodies.map(([each]) => each).join('` and `')}\``;
  if (name && [204, 205, 304].includes(status)) {
    return `Expected no \`success.${name}\` with the status ${status}, which has no body (RFC 9110 section 15)`;
  }
  if (events && status !== 200) {
    return `Expected \`success.status\` to be 200 with \`success.events\`, since a browser takes no other, got \`${status}\``;
  }
  return stream && faultOfMediaTypes([stream.mediaType], 'type');
}

function faultOfErrors({ errors }: Definition): string | undefined {
  const wrong = errors?.find((code) => !isCode(code));
  return wrong === undefined ? undefined : `Expected \`errors\` to be error codes, got \`${String(wrong)}\``;
}
