export { idempotencyConformance, type ConformanceCase } from './idempotency.ts';
