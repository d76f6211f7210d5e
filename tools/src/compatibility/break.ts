/** What the contract library's comparison says of two documents: what the newer one no longer keeps. */
export interface Break {
  /** Such as `POST /orders`, or `event orders.order.placed.v1`. */
  readonly operation: string;
  /** Of an operation over HTTP, such as `createOrder`. */
  readonly operationId?: string;
  /** Of a message, such as `orders.order.placed.v1`. */
  readonly type?: string;
  /** Such as `request body /items/0/quantity`. */
  readonly place: string;
  readonly change: string;
}
