import type { Order, OrderDraft, OrderStatus } from './order.ts';

/** Which orders to list, in the order of their numbers. */
export interface OrderSelection {
  /** Only orders with a higher number. */
  readonly after?: number | undefined;
  readonly status?: OrderStatus | undefined;
  /** How many at most. */
  readonly limit: number;
}

/** Where orders are kept. */
export interface OrderRepository {
  /**
   * Keeps a new order and gives it the next number.
   *
   * @throws {ServiceError} resource_exhausted, ORDERS_FULL, when no more can be kept.
   */
  add(order: OrderDraft): Promise<Order>;
  find(id: string): Promise<Order | undefined>;
  list(selection: OrderSelection): Promise<Order[]>;
  /** Moves an order from one state to another; `undefined` when it is not, or no longer, in the first. */
  changeStatus(id: string, from: OrderStatus, to: OrderStatus): Promise<Order | undefined>;
}
