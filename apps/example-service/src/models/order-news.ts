import type { Order } from './order.ts';

/** Whoever tells others what happens to orders. */
export interface OrderNews {
  /** An order was placed, and is kept. Does not fail. */
  placed(order: Order): Promise<void>;
}
