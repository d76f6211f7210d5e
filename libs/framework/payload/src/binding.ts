import { knownAttributes } from './attributes.ts';

/**
 * How a transport carries an event in headers, as plain data. `content-type` and `content-encoding` stand for the
 * transport's own fields of that meaning: HTTP and NATS headers, or the basic properties of AMQP 0-9-1.
 */
export interface Binding {
  readonly name: 'HTTP' | 'AMQP' | 'NATS';
  /** What stands before the names of attributes: the first is written, all are read. */
  readonly prefixes: readonly [string, ...string[]];
  /** The headers of known attributes, and the other way round: to look them up costs less than to put them together. */
  readonly headers: ReadonlyMap<string, string>;
  readonly attributes: ReadonlyMap<string, string>;
  /** Whether the transport may change the case of the names of headers. */
  readonly ignoresCase: boolean;
  /** Whether values are percent-encoded. */
  readonly percentEncoded: boolean;
  /** The header that holds `datacontenttype` in binary mode. */
  readonly dataContentType: string;
  /** Whether a message without headers of CloudEvents is a structured one. */
  readonly structuredByDefault: boolean;
  /** Values of `content-encoding` that mean no compression. */
  readonly plainEncodings: readonly string[];
}

/** HTTP: `ce-` headers. @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md */
export const httpBinding: Binding = {
  name: 'HTTP',
  ...prefixed('ce-'),
  ignoresCase: true,
  percentEncoded: true,
  dataContentType: 'content-type',
  structuredByDefault: false,
  plainEncodings: ['identity'],
};

/**
 * AMQP 0-9-1: application headers `cloudEvents:`, also read as `cloudEvents_`, which JMS clients write. The
 * specification binds AMQP 1.0; its application properties are the headers here, and brokers convert them so.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md
 */
export const amqpBinding: Binding = {
  name: 'AMQP',
  ...prefixed('cloudEvents:', 'cloudEvents_'),
  ignoresCase: false,
  percentEncoded: false,
  dataContentType: 'content-type',
  structuredByDefault: false,
  // Clients of other platforms put the charset there.
  plainEncodings: ['identity', 'utf-8', 'utf8', 'us-ascii'],
};

/**
 * NATS: `ce-` headers, `ce-datacontenttype` among them. Version 1.0.2 of the binding knows the structured mode alone, in
 * a message without headers, which is read too; headers are those of its version 1.0.3, in draft.
 *
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md
 */
export const natsBinding: Binding = {
  name: 'NATS',
  ...prefixed('ce-'),
  ignoresCase: true,
  percentEncoded: true,
  dataContentType: 'ce-datacontenttype',
  structuredByDefault: true,
  plainEncodings: ['identity'],
};

function prefixed(...prefixes: [string, ...string[]]): Pick<Binding, 'prefixes' | 'headers' | 'attributes'> {
  const headers = new Map(knownAttributes.map((name) => [name, prefixes[0] + name]));
  return { prefixes, headers, attributes: new Map([...headers].map(([name, header]) => [header, name])) };
}
