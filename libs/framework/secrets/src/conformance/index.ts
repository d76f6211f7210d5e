export { secretsConformance, type ConformanceCase, type ConformanceOptions } from './conformance.ts';
export { environmentPlace, filesPlace } from './static-places.ts';
export type { LeasedSecret, SecretFeature, SecretsPlace } from './place.ts';
