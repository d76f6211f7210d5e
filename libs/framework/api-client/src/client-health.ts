import type { Resilience } from '@org/resilience';

/** Where a client keeps its circuit: no operation can be called that. */
const circuit = Symbol('circuit');

type Circuit = Pick<Resilience, 'circuit'>;

/** Gives a client the circuit that its health is read from. */
export function withCircuit<Functions extends object>(client: Functions, { circuit: read }: Circuit): Functions {
  return Object.defineProperty(client, circuit, { value: read });
}

/**
 * What readiness says of a client: degraded from when its circuit opens until a call goes well again. It sends nothing,
 * and it never makes a service unready, since not ready is what a whole chain of services would be when its end is.
 *
 * @example
 * const orders = createClient(contract, settings.orders);
 * await start('orders', () => clientHealth(orders));
 */
export function clientHealth(client: object): {
  readonly kind: 'service';
  readonly critical: false;
  check(): Promise<void>;
} {
  const read = (client as { [circuit]?: Circuit['circuit'] })[circuit];
  if (!read) throw new TypeError('Expected `client` to be one that `createClient` made, got something else');
  return {
    kind: 'service',
    critical: false,
    async check() {
      const state = read();
      if (state === undefined || state === 'closed') return;
      throw new Error(`the circuit is ${state === 'open' ? 'open' : 'half open'}: too many of the last calls failed`);
    },
  };
}
