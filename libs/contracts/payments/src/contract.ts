import { defineContract } from '@org/contract';
import asyncapi from './asyncapi.json' with { type: 'json' };
import { paymentSettled } from './events.ts';

/** What a service of payments promises. */
export const contract = defineContract({
  name: 'payments',
  version: '1.0.0',
  title: 'Payments',
  operations: [],
  publishes: [paymentSettled],
  asyncapi,
});
