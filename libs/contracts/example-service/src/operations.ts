import { cursorPage, defineOperation, pageQuery } from '@org/contract';
import * as z from 'zod';
import { exampleNewOrder, exampleOrder } from './examples.ts';
import { newOrder, order, orderStatus } from './orders.ts';

const tags = ['orders'];
const params = z.object({ id: z.uuid().meta({ description: 'The `id` of the order.' }) });
const { id } = exampleOrder;

export const createOrder = defineOperation({
  id: 'createOrder',
  method: 'POST',
  path: '/orders',
  summary: 'Place an order',
  description: 'Send an `Idempotency-Key`, and it is safe to send the order again when no answer came.',
  tags,
  body: newOrder,
  success: { status: 201, description: 'The order, placed', body: order },
  errors: ['resource_exhausted'],
  idempotencyKey: 'optional',
  examples: { engine: { summary: 'Two engines and a present', body: exampleNewOrder, success: exampleOrder } },
});

export const listOrders = defineOperation({
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  summary: 'The orders, page by page',
  description: 'In the order in which they were placed.',
  tags,
  query: pageQuery().extend({ status: orderStatus.optional().meta({ description: 'Only orders in this state.' }) }),
  success: { status: 200, description: 'A page of orders', body: cursorPage(order) },
});

export const exportOrders = defineOperation({
  id: 'exportOrders',
  method: 'GET',
  path: '/orders/export',
  summary: 'All orders, one JSON object a line',
  description: 'In the order in which they were placed, as many as there are.',
  tags,
  success: { status: 200, description: 'All orders', stream: { mediaType: 'application/jsonl' } },
});

export const getOrder = defineOperation({
  id: 'getOrder',
  method: 'GET',
  path: '/orders/:id',
  summary: 'One order',
  tags,
  params,
  success: {
    status: 200,
    description: 'The order',
    headers: { etag: 'Stands for the order as it is now. Send it as `If-None-Match` or `If-Match`.' },
    body: order,
  },
  errors: ['not_found'],
  examples: { engine: { params: { id }, success: exampleOrder } },
});

export const cancelOrder = defineOperation({
  id: 'cancelOrder',
  method: 'POST',
  path: '/orders/:id/cancel',
  summary: 'Cancel an order',
  description: 'Possible until it is shipped. An order that is cancelled already is refused as well.',
  tags,
  params,
  headers: z.object({
    'if-match': z.string().optional().meta({ description: 'The `ETag` of the order that is meant; another is a 412.' }),
  }),
  success: { status: 200, description: 'The order, cancelled', body: order },
  errors: ['not_found', 'failed_precondition', 'aborted'],
  idempotencyKey: 'optional',
  examples: { engine: { params: { id }, success: { ...exampleOrder, status: 'cancelled' } } },
});
