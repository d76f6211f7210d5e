/** What the contract library's comparison says of two documents: what the newer one no longer keeps. */
export interface Break {
  /** Such as `POST /orders`. */
  readonly operation: string;
  readonly operationId: string;
  /** Such as `request body /items/0/quantity`. */
  readonly place: string;
  readonly change: string;
}
