import type { Order, OrderStatus } from '@org/example-service-contract';

export type { NewOrder, Order, OrderStatus } from '@org/example-service-contract';

/** An order that has no number yet: the repository gives it the next one. */
export type OrderDraft = Omit<Order, 'number'>;

/** What may become of an order. */
const nextStatuses: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};

/** Whether an order may go from one state to another, in one step. */
export function canBecome(from: OrderStatus, to: OrderStatus): boolean {
  return nextStatuses[from].includes(to);
}
