import { randomUUID } from 'node:crypto';
import { ServiceError } from '@org/errors';
import { canBecome, type NewOrder, type Order } from './models/order.ts';
import type { OrderRepository, OrderSelection } from './models/order-repository.ts';
import { money, multiply, sum } from './utils/money.ts';

/** What the service does. It knows neither HTTP nor messages. */
export interface Orders {
  /** @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE, when the total is past what is exact. */
  place(order: NewOrder): Promise<Order>;
  /** @throws {ServiceError} not_found, ORDER_NOT_FOUND */
  find(id: string): Promise<Order>;
  list(selection: OrderSelection): Promise<Order[]>;
  /** As many as there are, in the order of their numbers. */
  all(): AsyncIterable<Order>;
  /**
   * @param check May refuse to cancel the order as it is now, by what it throws.
   * @throws {ServiceError} not_found, ORDER_NOT_FOUND; failed_precondition, ORDER_NOT_CANCELLABLE, once it is shipped
   *   or cancelled; aborted, ORDER_CHANGED, when somebody else changed it meanwhile.
   */
  cancel(id: string, check?: (order: Order) => void): Promise<Order>;
}

/** How many orders are read at a time where all are. */
const pageSize = 100;

export function createOrders(repository: OrderRepository): Orders {
  async function find(id: string): Promise<Order> {
    const order = await repository.find(id);
    if (order) return order;
    throw new ServiceError('not_found', `There is no order with the id \`${id}\``, { reason: 'ORDER_NOT_FOUND' });
  }

  return {
    async place(order) {
      const placedAt = new Date().toISOString();
      return repository.add({ ...order, ...priced(order), id: randomUUID(), status: 'placed', placedAt });
    },
    find,
    list: (selection) => repository.list(selection),
    async *all() {
      let page: Order[] = [];
      do {
        page = await repository.list({ after: page.at(-1)?.number, limit: pageSize });
        yield* page;
      } while (page.length === pageSize);
    },
    async cancel(id, check) {
      const order = await find(id);
      check?.(order);
      const { status } = order;
      if (!canBecome(status, 'cancelled')) {
        const message = `Cannot cancel the order \`${id}\`: it is ${status}. Only orders not yet shipped can be cancelled`;
        throw new ServiceError('failed_precondition', message, {
          reason: 'ORDER_NOT_CANCELLABLE',
          details: { status },
        });
      }
      const cancelled = await repository.changeStatus(id, status, 'cancelled');
      if (cancelled) return cancelled;
      const message = `Cannot cancel the order \`${id}\`: it was changed meanwhile. Read it again`;
      throw new ServiceError('aborted', message, { reason: 'ORDER_CHANGED' });
    },
  };
}

/** The items with their totals, and the total of all. */
function priced({ currency, items }: NewOrder): Pick<Order, 'items' | 'total'> {
  const totals = items.map(({ quantity, unitPrice }) => multiply(money(unitPrice, currency), quantity));
  return {
    items: items.map((item, index) => ({ ...item, total: totals[index]!.amount })),
    total: sum(totals, currency).amount,
  };
}
