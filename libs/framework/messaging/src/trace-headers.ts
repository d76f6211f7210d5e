import { ROOT_CONTEXT, propagation, type Context } from '@opentelemetry/api';

/** What travels with a message besides its event: trace context and baggage, by lower-case names. */
export type Carrier = Record<string, string>;

const setter = { set: (carrier: Carrier, name: string, value: string) => void (carrier[name] = value) };
const getter = {
  keys: (carrier: Readonly<Carrier>) => Object.keys(carrier),
  get: (carrier: Readonly<Carrier>, name: string) => carrier[name],
};

/** What the propagators send of a context. */
export function injected(context: Context): Carrier {
  const carrier: Carrier = {};
  propagation.inject(context, carrier, setter);
  return carrier;
}

/** The context that came with a message, over nothing else. */
export function extracted(carrier: Readonly<Carrier>): Context {
  return propagation.extract(ROOT_CONTEXT, carrier, getter);
}
