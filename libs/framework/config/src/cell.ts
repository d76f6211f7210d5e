/** A value that may change, and who wants to know. */
export interface Cell<Value> {
  read(): Value;
  /**
   * Calls `listener` with each new value, `onError` when a new value could not be converted or the listener threw.
   *
   * @returns ends the subscription.
   */
  subscribe(listener: (value: Value) => void, onError?: (error: unknown) => void): () => void;
}

export interface WritableCell<Value> extends Cell<Value> {
  /** @throws {AggregateError} after all listeners were called, of what those without `onError` threw. */
  readonly write: (value: Value) => void;
}

export function createCell<Value>(initial: Value): WritableCell<Value> {
  let current = initial;
  const subscribers = new Set<() => void>();
  return {
    read: () => current,
    subscribe(listener, onError) {
      const notify = () => {
        try {
          listener(current);
        } catch (error) {
          if (!onError) throw error;
          onError(error);
        }
      };
      subscribers.add(notify);
      return () => void subscribers.delete(notify);
    },
    write(value) {
      if (Object.is(value, current)) return;
      current = value;
      const failures = [...subscribers].flatMap((notify) => {
        try {
          notify();
          return [];
        } catch (error) {
          return [error];
        }
      });
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} listeners of a secret failed`);
    },
  };
}

/**
 * A cell that follows another through a conversion. It converts when it is read or when somebody listens, so a cell
 * that nobody uses any more is not kept alive by its source. A value that `convert` throws at leaves the last good one.
 */
export function mapCell<From, To>(source: Cell<From>, convert: (value: From) => To): Cell<To> {
  let from = source.read();
  let to = convert(from);
  let refused: { error: unknown } | undefined;

  const update = () => {
    const next = source.read();
    if (Object.is(next, from)) return;
    from = next;
    refused = undefined;
    try {
      to = convert(next);
    } catch (error) {
      refused = { error };
    }
  };
  const read = () => {
    update();
    return to;
  };
  return {
    read,
    subscribe(listener, onError) {
      let told = read();
      const follow = () => {
        const value = read();
        if (refused) return onError?.(refused.error);
        if (Object.is(value, told)) return;
        told = value;
        listener(value);
      };
      return source.subscribe(follow, onError);
    },
  };
}
