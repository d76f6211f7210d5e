import { getNumberFromEnv } from '@opentelemetry/core';
import type { SpanLimits } from '@opentelemetry/sdk-trace';

/** Callers choose what some attributes hold, such as the name of their program. OpenTelemetry itself sets no limit. */
const longestValue = 1_024;

/**
 * How much a span may hold, by the variables in `process.env`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits
 */
export function readSpanLimits(): SpanLimits {
  const read = (name: string) => getNumberFromEnv(`OTEL_${name}`);
  return {
    attributeCountLimit: read('SPAN_ATTRIBUTE_COUNT_LIMIT') ?? read('ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLengthLimit:
      read('SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? read('ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? longestValue,
    eventCountLimit: read('SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: read('SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: read('EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCountLimit: read('LINK_ATTRIBUTE_COUNT_LIMIT'),
  };
}
