import type { Attributes, SpanKind, SpanOptions } from '@opentelemetry/api';

/** What an operation on messages is called in traces and metrics. Made once for each type, so that no message makes it. */
export interface Labels {
  readonly spanName: string;
  readonly spanOptions: SpanOptions;
  /** The attributes of instruments, by how it ended; `undefined` is well. */
  attributesFor(errorType: string | undefined): Attributes;
}

export interface LabelOptions {
  /** `messaging.system`: `rabbitmq`. */
  readonly system: string;
  /** `messaging.operation.name`: `publish`, `send`, `request`, `process`, `answer`. */
  readonly operation: string;
  /** `messaging.operation.type`, one of the convention's. */
  readonly operationType: 'send' | 'receive' | 'process';
  readonly kind: SpanKind;
  /** `messaging.destination.name`: the type of the message. */
  readonly destination: string;
  readonly group?: string;
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function createLabels(options: LabelOptions): Labels {
  const { system, operation, operationType, kind, destination, group } = options;
  const common: Attributes = {
    'messaging.system': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operationType,
    'messaging.destination.name': destination,
    ...(group !== undefined && { 'messaging.consumer.group.name': group }),
  };
  // Frozen, so that instruments find them again by what they are.
  const well = Object.freeze(common);
  const byErrorType = new Map<string, Attributes>();
  return {
    spanName: `${operation} ${destination}`,
    spanOptions: { kind, attributes: common },
    attributesFor(errorType) {
      if (errorType === undefined) return well;
      const known = byErrorType.get(errorType);
      if (known) return known;
      const attributes = Object.freeze({ ...common, 'error.type': errorType });
      byErrorType.set(errorType, attributes);
      return attributes;
    },
  };
}
