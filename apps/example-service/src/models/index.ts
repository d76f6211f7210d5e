// The tables of this service. After a change: `npx nx migration example-service generate NAME`.
export { idempotencyKeys, inbox, outbox } from '@org/database';
export { orders } from './orders.ts';
