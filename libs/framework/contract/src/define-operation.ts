import type * as z from 'zod';
import type { StreamRule, UploadRule } from './content.ts';
import type {
  Given,
  Gotten,
  Operation,
  OperationDefinition,
  PlainParams,
  Received,
  ReceivedBody,
  Sent,
  SentBody,
} from './operation.ts';
import { faultOfOperation } from './operation-fault.ts';

/**
 * States one operation of a contract. The schemas decide the types of the handler that implements it.
 *
 * @throws {TypeError} when the parts contradict each other: names in the path that the params schema does not have, a
 *   body where HTTP has none, an upper-case header, days that there are not.
 * @example
 * const getOrder = defineOperation({
 *   id: 'getOrder', method: 'GET', path: '/orders/:id', summary: 'One order',
 *   success: { status: 200, description: 'The order', body: order }, errors: ['not_found'],
 * });
 */
export function defineOperation<
  const Id extends string,
  Path extends string,
  Params extends z.ZodObject = PlainParams<Path>,
  Query extends z.ZodObject | undefined = undefined,
  Headers extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Uploaded extends UploadRule | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
  Streamed extends StreamRule | undefined = undefined,
  Event extends z.ZodType | undefined = undefined,
>(
  definition: OperationDefinition<Id, Path, Params, Query, Headers, Body, Uploaded, Answer, Streamed, Event>,
): Operation<
  {
    params: Received<Params>;
    query: Received<Query>;
    headers: Received<Headers>;
    body: ReceivedBody<Body, Uploaded>;
    success: Given<Answer, Streamed, Event>;
    client: {
      params: Sent<Params>;
      query: Sent<Query>;
      headers: Sent<Headers>;
      body: SentBody<Body, Uploaded>;
      success: Gotten<Answer, Streamed, Event>;
    };
  },
  Id
> {
  const fault = faultOfOperation(definition);
  if (fault) throw new TypeError(`${fault} in the operation \`${definition.id}\``);
  // The schemas are those of `definition`; only their types are written in another way.
  return definition as unknown as ReturnType<
    typeof defineOperation<Id, Path, Params, Query, Headers, Body, Uploaded, Answer, Streamed, Event>
  >;
}
