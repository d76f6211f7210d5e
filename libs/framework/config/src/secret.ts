import { inspect } from 'node:util';
import { createCell, mapCell, type Cell } from './cell.ts';

export interface SecretOptions<Value> {
  /** What is printed in the value's stead, such as a URL without its password. Default: `[secret]`. */
  readonly shown?: string | ((value: Value) => string);
}

/** A secret and, for whoever holds this half, the way to change it. */
export interface RotatingSecret<Value> {
  readonly secret: Secret<Value>;
  /**
   * Puts another value in force and tells the listeners.
   *
   * @throws {AggregateError} after all listeners were told, of what those without `onError` threw.
   */
  rotate(value: Value): void;
}

/**
 * A cell for a value that must not be printed: it shows as `[secret]` in template strings, JSON, `util.inspect`, logs
 * and errors, and as an empty object where structures are copied. `reveal` gives the value now in force.
 */
export class Secret<Value> {
  #cell: Cell<Value>;
  readonly #shown: () => string;

  constructor(value: Value, { shown = '[secret]' }: SecretOptions<Value> = {}) {
    this.#cell = createCell(value);
    this.#shown = typeof shown === 'string' ? () => shown : () => shown(this.reveal());
  }

  /** @private Internal to this library: a secret whose value another place keeps. */
  static ofCell<Value>(cell: Cell<Value>, options?: SecretOptions<Value>): Secret<Value> {
    const secret = new Secret(cell.read(), options);
    secret.#cell = cell;
    return secret;
  }

  /** The value now in force. Ask for it where it is used and do not keep it: the secret may rotate. */
  reveal(): Value {
    return this.#cell.read();
  }

  /**
   * Calls `listener` with each new value. `onError` is called when a new value was refused, so that the last good one
   * stays in force, and with what `listener` throws. A secret from a static source never changes.
   *
   * @returns ends the subscription.
   */
  onChange(listener: (value: Value) => void, onError?: (error: unknown) => void): () => void {
    return this.#cell.subscribe(listener, onError);
  }

  /**
   * A secret that follows this one through a conversion. What `convert` throws now goes to the caller; what it throws
   * at a later value goes to `onError` of `onChange`, and the last good value stays in force.
   */
  map<Other>(convert: (value: Value) => Other, options?: SecretOptions<Other>): Secret<Other> {
    return Secret.ofCell(mapCell(this.#cell, convert), options);
  }

  toString(): string {
    return this.#shown();
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Makes a secret whose value its holder can change, for a secret store or a test. */
export function createRotatingSecret<Value>(value: Value, options?: SecretOptions<Value>): RotatingSecret<Value> {
  const cell = createCell(value);
  return { secret: Secret.ofCell(cell, options), rotate: cell.write };
}
