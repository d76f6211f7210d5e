import type * as Resources from '@opentelemetry/resources';

/** Whom telemetry is about. */
export interface TracedService {
  readonly name: string;
  readonly version: string;
  /** The commit that it was built from. */
  readonly commit?: string | undefined;
}

/**
 * Who measures and traces: name, version, commit and a random instance id, which `OTEL_RESOURCE_ATTRIBUTES` and
 * `OTEL_SERVICE_NAME` replace and add to. Nothing is detected, so that no command line, user or host gets out.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/resource/service/
 */
export function createResource(library: typeof Resources, service: TracedService): Resources.Resource {
  const { defaultResource, detectResources, resourceFromAttributes } = library;
  const own = resourceFromAttributes({
    'service.name': service.name,
    'service.version': service.version,
    'service.instance.id': crypto.randomUUID(),
    ...(service.commit !== undefined && { 'vcs.ref.head.revision': service.commit }),
  });
  const detectors = [library.resourceAttributesEnvDetector, library.serviceNameEnvDetector];
  return defaultResource().merge(own).merge(detectResources({ detectors }));
}
