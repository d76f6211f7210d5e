/**
 * An event as CloudEvents 1.0.2 has it, as plain data: core attributes, `data`, and extensions beside them.
 *
 * An extension's name has lower-case letters and digits; its value is text, a boolean, a whole number of 32 bits, or
 * bytes. The known ones are named here and are always text.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  /** Together with `source` it names the event: two with the same are duplicates. */
  readonly id: string;
  /** Where it happened: a URI reference, such as `/services/orders`. */
  readonly source: string;
  /** What happened, such as `orders.order.placed.v1`. */
  readonly type: string;
  /** When it happened (RFC 3339). */
  readonly time?: string;
  /** What it is about within the source, such as the id of an order. */
  readonly subject?: string;
  /** The media type of `data`, which alone says what `data` is once read: a JSON value, text or bytes. */
  readonly datacontenttype?: string;
  /** The URI of the schema of `data`. */
  readonly dataschema?: string;
  readonly data?: Data;

  /** The trace that it belongs to (W3C Trace Context). */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Events with the same key are kept in order where that is asked for (extension *partitioning*). */
  readonly partitionkey?: string;
  /** Where `data` is, when it is too large for a message (extension *dataref*, the claim check). */
  readonly dataref?: string;
  /** What all events have in common that follow from one beginning (extension *correlation*). */
  readonly correlationid?: string;
  /** The id of the event that led to this one (extension *correlation*). */
  readonly causationid?: string;
  /** When the event loses its use (RFC 3339; extension *expirytime*). */
  readonly expirytime?: string;

  readonly [extension: string]: unknown;
}

/** The value of an attribute in memory: the types of CloudEvents; URIs and timestamps are text. */
export type AttributeValue = string | number | boolean | Uint8Array;
