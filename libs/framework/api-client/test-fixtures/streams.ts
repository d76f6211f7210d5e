import { defineContract, defineOperation } from '@org/contract';
import * as z from 'zod';

export const exportOrders = defineOperation({
  id: 'exportOrders',
  method: 'GET',
  path: '/orders/export',
  summary: 'All orders',
  success: { status: 200, description: 'Orders', stream: { mediaType: 'text/csv; charset=utf-8' } },
});

export const watchOrders = defineOperation({
  id: 'watchOrders',
  method: 'GET',
  path: '/orders/events',
  summary: 'What happens to orders',
  success: { status: 200, description: 'Events', events: z.object({ id: z.string() }) },
});

export const importOrders = defineOperation({
  id: 'importOrders',
  method: 'POST',
  path: '/orders/import',
  summary: 'Many orders',
  upload: { mediaTypes: ['text/csv'] },
  success: { status: 200, description: 'How much it was', body: z.object({ bytes: z.int() }) },
});

export const contract = defineContract({
  name: 'orders',
  version: '1.0.0',
  title: 'Orders',
  operations: [exportOrders, watchOrders, importOrders],
});
