export { openTelemetry, type Telemetry, type TelemetryOptions } from './open-telemetry.ts';
export { telemetrySettings, type TelemetrySettings } from './settings.ts';
