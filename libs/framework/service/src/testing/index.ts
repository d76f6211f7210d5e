export { startBuilt, type BuiltService } from './start-built.ts';
export { startService, type StartedService } from './start-service.ts';
