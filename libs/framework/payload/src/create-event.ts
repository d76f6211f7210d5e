import { currentCall } from '@org/context';
import { faultOfAttribute, isAbsoluteUri, isExtensionName, isUriReference } from './attributes.ts';
import type { AttributeValue, CloudEvent } from './cloud-event.ts';
import { contentKindOf } from './content-type.ts';
import { currentCause } from './event-context.ts';

export interface CreateEventOptions<Data> {
  /** What happened, such as `orders.order.placed.v1`. */
  readonly type: string;
  /** Where: a URI reference, such as `/services/orders`. */
  readonly source: string;
  readonly data?: Data;
  /** Default: `application/octet-stream` for bytes, `application/json` for any other data. */
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly subject?: string;
  /** Events with the same key are kept in order where that is asked for: the attribute `partitionkey`. */
  readonly key?: string;
  /** Default: a random UUID. */
  readonly id?: string;
  /** Default: now. */
  readonly time?: Date | string;
  /** When the event loses its use. Default: never. */
  readonly expirytime?: Date | string;
  /** Default: that of the event that is being handled, or its id; else the request id of the current call. */
  readonly correlationId?: string;
  /** Default: the id of the event that is being handled. */
  readonly causationId?: string;
  /** Further attributes, by names of 1 to 20 lower-case letters and digits. */
  readonly extensions?: Readonly<Record<string, AttributeValue | undefined>>;
}

/**
 * Makes an event. Its trace context is put in by whoever sends it.
 *
 * @throws {TypeError} when an attribute is not as CloudEvents 1.0.2 has it. The message has its name and not its value.
 */
export function createEvent<Data = undefined>(options: CreateEventOptions<Data>): CloudEvent<Data> {
  const { type, source, data, subject, id, time, dataschema, expirytime, extensions } = options;
  const cause = currentCause();
  const event: Record<string, unknown> = {
    specversion: '1.0',
    id: id ?? crypto.randomUUID(),
    source,
    type,
    time: timestampOf(time ?? new Date()),
  };
  put(event, 'subject', subject);
  put(event, 'datacontenttype', options.datacontenttype ?? defaultContentType(data));
  put(event, 'dataschema', dataschema);
  put(event, 'partitionkey', options.key);
  put(event, 'correlationid', options.correlationId ?? cause?.correlationid ?? cause?.id ?? currentCall()?.requestId);
  put(event, 'causationid', options.causationId ?? cause?.id);
  put(event, 'expirytime', expirytime === undefined ? undefined : timestampOf(expirytime));
  for (const [name, value] of Object.entries(extensions ?? {})) {
    if (!isExtensionName(name)) {
      throw new TypeError(
        `Expected the name of an extension to be 1 to 20 of \`a\` to \`z\` and digits, got \`${name}\``,
      );
    }
    put(event, name, value);
  }
  for (const name of Object.keys(event)) expectAttribute(name, event[name]);
  if (data !== undefined) event.data = data;
  return event as CloudEvent<Data>;
}

function put(event: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) event[name] = value;
}

function timestampOf(time: Date | string): unknown {
  return time instanceof Date && !Number.isNaN(time.getTime()) ? time.toISOString() : time;
}

function defaultContentType(data: unknown): string | undefined {
  if (data === undefined) return undefined;
  return data instanceof Uint8Array ? 'application/octet-stream' : 'application/json';
}

function expectAttribute(name: string, value: unknown): void {
  const fault = faultOfAttribute(name, value) ?? faultOfMade(name, value);
  if (fault !== undefined) throw new TypeError(`Expected a well-formed event: its \`${name}\` ${fault}`);
}

/** What is asked of who makes an event, and let pass by who reads it. */
function faultOfMade(name: string, value: unknown): string | undefined {
  if (name === 'source' && !isUriReference(value as string)) return 'is no URI reference of RFC 3986';
  if (name === 'dataschema' && !isAbsoluteUri(value as string)) return 'is no absolute URI of RFC 3986';
  if (name !== 'datacontenttype') return undefined;
  const kind = contentKindOf(value as string);
  return kind === 'no-media-type' || kind === 'charset'
    ? 'is no media type, or has a charset other than UTF-8'
    : undefined;
}
