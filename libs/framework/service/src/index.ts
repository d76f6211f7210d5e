export type { ServiceDefinition, Start } from './definition.ts';
export { defineService, type Service } from './define-service.ts';
export { describeService, type ServiceDescription } from './describe.ts';
export { exitCode } from './exit-codes.ts';
export type { OpenOptions, RunningService } from './open-service.ts';
export type { Trouble } from './resources.ts';
export { opsSettings } from './settings.ts';
