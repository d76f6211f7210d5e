import type * as Resources from '@opentelemetry/resources';

/**
 * Who measures and traces: name, version and a random instance id, which `OTEL_RESOURCE_ATTRIBUTES` and
 * `OTEL_SERVICE_NAME` replace and add to. Nothing is detected, so that no command line, user or host gets out.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/resource/service/
 */
export function createResource(
  library: typeof Resources,
  service: { readonly name: string; readonly version: string },
): Resources.Resource {
  const { defaultResource, detectResources, resourceFromAttributes } = library;
  const own = resourceFromAttributes({
    'service.name': service.name,
    'service.version': service.version,
    'service.instance.id': crypto.randomUUID(),
  });
  const detectors = [library.resourceAttributesEnvDetector, library.serviceNameEnvDetector];
  return defaultResource().merge(own).merge(detectResources({ detectors }));
}
