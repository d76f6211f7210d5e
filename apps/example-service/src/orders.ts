import { randomUUID } from 'node:crypto';
import { page, updateVersion, type Database, type Page } from '@org/database';
import { ServiceError } from '@org/errors';
import { orderPlaced, type NewOrder, type Order, type OrderStatus } from '@org/example-service-contract';
import { eq, sql } from 'drizzle-orm';
import * as models from './models/index.ts';
import { canBecome } from './order-status.ts';
import { money, multiply, sum } from './utils/money.ts';

/** What the service does. It knows neither HTTP nor who else is told. */
export interface Orders {
  /**
   * Keeps a new order, and tells of it if it is kept.
   *
   * @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE, when the total is past what is exact.
   */
  place(order: NewOrder): Promise<Order>;
  /** @throws {ServiceError} not_found, ORDER_NOT_FOUND */
  find(id: string): Promise<Order>;
  /**
   * In the order of their numbers.
   *
   * @throws {ServiceError} invalid_argument, CURSOR_INVALID
   */
  list(selection: OrderSelection): Promise<Page<Order>>;
  /** As many as there are, in the order of their numbers. */
  all(): AsyncIterable<Order>;
  /**
   * @param check May refuse to cancel the order as it is now, by what it throws.
   * @throws {ServiceError} not_found, ORDER_NOT_FOUND; failed_precondition, ORDER_NOT_CANCELLABLE, once it is shipped
   *   or cancelled; aborted, VERSION_CHANGED, when somebody else changed it meanwhile.
   */
  cancel(id: string, check?: (order: Order) => void): Promise<Order>;
  /**
   * Marks an order as paid; one that is paid already, and may be on its way, stays as it is: payments are told of twice.
   *
   * @throws {ServiceError} not_found, ORDER_NOT_FOUND; failed_precondition, ORDER_NOT_PAYABLE, once it is cancelled; aborted,
   *   VERSION_CHANGED, when somebody else changed it meanwhile.
   */
  settle(id: string): Promise<Order>;
  /**
   * What an order of these items would cost.
   *
   * @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE, when the total is past what is exact.
   */
  quote(basket: Basket): Pick<Order, 'currency' | 'total'>;
}

export interface OrderSelection {
  readonly status?: OrderStatus | undefined;
  /** How many at most. */
  readonly limit: number;
  /** Where the page before this one ended. */
  readonly cursor?: string | undefined;
}

type Basket = Pick<NewOrder, 'currency' | 'items'>;
type Row = typeof models.orders.$inferSelect;

/** How many orders are read at a time where all are. */
const pageSize = 100;

export function createOrders(database: Database<typeof models>): Orders {
  const { orders } = models;
  const byId = database
    .select()
    .from(orders)
    .where(eq(orders.id, sql.placeholder('id')))
    .prepare('order_by_id');

  async function read(id: string): Promise<Row> {
    const [row] = await byId.execute({ id });
    if (row) return row;
    throw new ServiceError('not_found', `There is no order with the id \`${id}\``, { reason: 'ORDER_NOT_FOUND' });
  }

  async function change({ id, version }: Row, status: OrderStatus): Promise<Order> {
    return toOrder(await updateVersion(database, orders, { where: eq(orders.id, id), version, set: { status } }));
  }

  async function list({ status, limit, cursor }: OrderSelection): Promise<Page<Order>> {
    const where = status && eq(orders.status, status);
    const { items, ...rest } = await page(database, orders, { by: ['number'], where, limit, cursor });
    return { items: items.map(toOrder), ...rest };
  }

  return {
    async place(order) {
      const draft = { ...order, ...priced(order), id: randomUUID(), status: 'placed' as const };
      // The event leaves if, and only if, the order is kept.
      return database.transaction(async () => {
        const [row] = await database.insert(orders).values(draft).returning();
        const placed = toOrder(row!);
        await database.outbox.publish(orderPlaced, placed, { subject: placed.id });
        return placed;
      });
    },
    find: async (id) => toOrder(await read(id)),
    list,
    async *all() {
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await list({ limit: pageSize, cursor });
        yield* items;
        cursor = nextCursor;
      } while (cursor);
    },
    async cancel(id, check) {
      const row = await read(id);
      check?.(toOrder(row));
      const { status } = row;
      if (!canBecome(status, 'cancelled')) {
        const message = `Cannot cancel the order \`${id}\`: it is ${status}. Only orders not yet shipped can be cancelled`;
        throw new ServiceError('failed_precondition', message, {
          reason: 'ORDER_NOT_CANCELLABLE',
          details: { status },
        });
      }
      return change(row, 'cancelled');
    },
    async settle(id) {
      const row = await read(id);
      const { status } = row;
      if (status === 'cancelled') {
        const message = `Cannot settle the order \`${id}\`: it is cancelled. The payment has to go back`;
        throw new ServiceError('failed_precondition', message, { reason: 'ORDER_NOT_PAYABLE', details: { status } });
      }
      return canBecome(status, 'paid') ? change(row, 'paid') : toOrder(row);
    },
    quote({ currency, items }) {
      return { currency, total: priced({ currency, items }).total };
    },
  };
}

function toOrder({ note, createdAt, updatedAt: _, version: __, ...row }: Row): Order {
  return { ...row, ...(note !== null && { note }), placedAt: createdAt.toISOString() };
}

/** The items with their totals, and the total of all. */
function priced({ currency, items }: Basket): Pick<Order, 'items' | 'total'> {
  const totals = items.map(({ quantity, unitPrice }) => multiply(money(unitPrice, currency), quantity));
  return {
    items: items.map((item, index) => ({ ...item, total: totals[index]!.amount })),
    total: sum(totals, currency).amount,
  };
}
