import { randomUUID } from 'node:crypto';
import { ServiceError } from '@org/errors';
import { canBecome, type NewOrder, type Order, type OrderStatus } from './models/order.ts';
import type { OrderNews } from './models/order-news.ts';
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
  /**
   * Marks an order as paid; one that is paid already, and may be on its way, stays as it is: payments are told of twice.
   *
   * @throws {ServiceError} not_found, ORDER_NOT_FOUND; failed_precondition, ORDER_NOT_PAYABLE, once it is cancelled; aborted,
   *   ORDER_CHANGED, when somebody else changed it meanwhile.
   */
  settle(id: string): Promise<Order>;
  /**
   * What an order of these items would cost.
   *
   * @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE, when the total is past what is exact.
   */
  quote(basket: Basket): Pick<Order, 'currency' | 'total'>;
}

type Basket = Pick<NewOrder, 'currency' | 'items'>;

/** How many orders are read at a time where all are. */
const pageSize = 100;

const noNews: OrderNews = { placed: async () => undefined };

/** @param news Whom to tell. Default: nobody. */
export function createOrders(repository: OrderRepository, news: OrderNews = noNews): Orders {
  async function find(id: string): Promise<Order> {
    const order = await repository.find(id);
    if (order) return order;
    throw new ServiceError('not_found', `There is no order with the id \`${id}\``, { reason: 'ORDER_NOT_FOUND' });
  }

  async function change({ id, status }: Order, to: OrderStatus, doing: string): Promise<Order> {
    const changed = await repository.changeStatus(id, status, to);
    if (changed) return changed;
    const message = `Cannot ${doing} the order \`${id}\`: it was changed meanwhile. Read it again`;
    throw new ServiceError('aborted', message, { reason: 'ORDER_CHANGED' });
  }

  return {
    async place(order) {
      const placedAt = new Date().toISOString();
      const placed = await repository.add({ ...order, ...priced(order), id: randomUUID(), status: 'placed', placedAt });
      await news.placed(placed);
      return placed;
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
      return change(order, 'cancelled', 'cancel');
    },
    async settle(id) {
      const order = await find(id);
      const { status } = order;
      if (status === 'cancelled') {
        const message = `Cannot settle the order \`${id}\`: it is cancelled. The payment has to go back`;
        throw new ServiceError('failed_precondition', message, { reason: 'ORDER_NOT_PAYABLE', details: { status } });
      }
      return canBecome(status, 'paid') ? change(order, 'paid', 'settle') : order;
    },
    quote({ currency, items }) {
      return { currency, total: priced({ currency, items }).total };
    },
  };
}

/** The items with their totals, and the total of all. */
function priced({ currency, items }: Basket): Pick<Order, 'items' | 'total'> {
  const totals = items.map(({ quantity, unitPrice }) => multiply(money(unitPrice, currency), quantity));
  return {
    items: items.map((item, index) => ({ ...item, total: totals[index]!.amount })),
    total: sum(totals, currency).amount,
  };
}
