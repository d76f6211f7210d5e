import type { Service } from './service.ts';

/** What selects a service's pods: as little as tells them from others, since a Deployment's selector cannot be changed. */
export function selectorLabels({ name }: Service) {
  return { 'app.kubernetes.io/name': name };
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function labels(service: Service) {
  return {
    ...selectorLabels(service),
    'app.kubernetes.io/managed-by': 'kustomize',
  };
}

/** The metadata of an object of the service, named after it and, where there are several, after what they are for. */
export function metadata(service: Service, suffix?: string) {
  return { name: suffix ? `${service.name}-${suffix}` : service.name, labels: labels(service) };
}
