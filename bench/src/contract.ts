import { defineContract, defineOperation, type Operation } from '@org/contract';
import * as z from 'zod';
import openapi from './openapi.json' with { type: 'json' };

// The rules of the benchmark: what its other servers check and answer, in `lib/contract.cjs` beside them.

export const hello = defineOperation({
  id: 'hello',
  method: 'GET',
  path: '/hello',
  summary: 'The smallest answer',
  success: { status: 200, description: 'A greeting', body: z.object({ hello: z.string() }) },
});

const user = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  active: z.boolean(),
});

export const getUser = defineOperation({
  id: 'getUser',
  method: 'GET',
  path: '/users/:id',
  summary: 'A path with a name in it',
  success: { status: 200, description: 'The user', body: user },
});

const newOrder = z.strictObject({
  customerId: z.uuid(),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  items: z
    .array(
      z.strictObject({
        sku: z.string().min(1).max(64),
        quantity: z.int().min(1).max(1000),
        unitPrice: z.number().min(0),
      }),
    )
    .min(1)
    .max(50),
  shippingAddress: z.strictObject({
    street: z.string().min(1),
    city: z.string().min(1),
    postalCode: z.string().min(1),
    country: z.string().length(2),
  }),
  note: z.string().max(500).optional(),
});
export type NewOrder = z.infer<typeof newOrder>;

const acceptedOrder = z.object({
  orderId: z.string(),
  status: z.literal('accepted'),
  customerId: z.string(),
  currency: z.string(),
  lines: z.int(),
  total: z.number(),
});

export const createOrder = defineOperation({
  id: 'createOrder',
  method: 'POST',
  path: '/orders',
  summary: 'A body that is checked',
  body: newOrder,
  security: [{ bearer: [] }],
  success: { status: 201, description: 'The order, accepted', body: acceptedOrder },
});

const operations = [hello, getUser, createOrder];

const promises = {
  name: 'bench',
  version: '1.0.0',
  title: 'Bench',
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
} as const;

export const contract = defineContract({ ...promises, operations, openapi });

/** What is left out, or added, to see what it costs. */
export interface Variant {
  /** How many operations there are; those past the third are generated. */
  readonly count: number;
  /** Whether bodies and answers have schemas of their own. */
  readonly schemas: boolean;
  readonly authentication: boolean;
}

/** The contract of a variant of the service: its first three operations, and its document, are those above. */
export function contractOf({ count, schemas, authentication }: Variant) {
  const varied = operations.map((operation): Operation => {
    const { body, success, security, ...rest } = operation as Operation;
    return {
      ...rest,
      ...(body && { body: schemas ? body : z.unknown() }),
      success: schemas ? success : { ...success, body: z.unknown() },
      ...(authentication && security && { security }),
    };
  });
  const generated = Array.from({ length: Math.max(0, count - varied.length) }, (_, index) => generatedOperation(index));
  return defineContract({ ...promises, operations: [...varied, ...generated], openapi });
}

function generatedOperation(index: number): Operation {
  return defineOperation({
    id: `generated${index}`,
    method: 'GET',
    path: `/generated/${index}/things/:id`,
    summary: 'One of many',
    success: { status: 200, description: 'What was asked for', body: z.object({ id: z.string() }) },
  });
}
