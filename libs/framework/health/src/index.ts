export { createHealth } from './health.ts';
export { healthSettings, type HealthSettings } from './settings.ts';
export type { Change, Check, CheckKind, CheckResult, Health, HealthReader, Report, Status } from './types.ts';
