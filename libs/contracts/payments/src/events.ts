import { defineEvent } from '@org/contract';
import * as z from 'zod';

export const paymentSettled = defineEvent({
  type: 'payments.payment.settled.v1',
  summary: 'A payment was settled',
  description: 'The whole of what an order costs has arrived.',
  data: z.object({
    id: z.uuid().meta({ description: 'That of the payment.' }),
    orderId: z.uuid().meta({ description: 'What was paid for.' }),
    settledAt: z.iso.datetime(),
  }),
  key: ({ orderId }) => orderId,
  examples: {
    usual: {
      data: {
        id: '0d5f0a2e-3c1b-4d2a-9d9b-2f6a1c7e8b10',
        orderId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
        settledAt: '2026-01-02T03:09:00.000Z',
      },
    },
  },
});
