import { codes } from '@org/errors';
import * as z from 'zod';

const violation = z.object({
  in: z
    .enum(['path', 'query', 'header', 'body'])
    .optional()
    .meta({ description: 'The part of the request; the body when it is not said.' }),
  pointer: z.string().meta({ description: 'Where in that part, as a JSON pointer (RFC 6901).' }),
  detail: z.string(),
});

/**
 * The body of every answer that is an error: `application/problem+json`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'What kind of problem it is; `about:blank` when the status says it all.' }),
    title: z.string().meta({ description: 'The phrase of the status.' }),
    status: z.int().min(400).max(599),
    detail: z.string().optional().meta({ description: 'What went wrong this time, and what to do about it.' }),
    instance: z.string().optional().meta({ description: 'The path that was asked for.' }),
    code: z.enum(codes).meta({ description: 'What a program decides by.' }),
    reason: z.string().optional().meta({ description: 'A stable name for this one failure.' }),
    requestId: z.string().meta({ description: 'What to look for in the logs.' }),
    errors: z.array(violation).optional().meta({ description: 'What is wrong with the request, place by place.' }),
    details: z.record(z.string(), z.unknown()).optional().meta({ description: 'Facts for a program.' }),
  })
  .meta({
    id: 'Problem',
    description: 'A problem document (RFC 9457).',
    examples: [
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'No order with the id `7`.',
        instance: '/orders/7',
        code: 'not_found',
        reason: 'ORDER_NOT_FOUND',
        requestId: '3f9a2b1c-5d7e-4c1a-9b0e-2f6d8a4c7e15',
      },
    ],
  });

export type Problem = z.infer<typeof problemSchema>;
