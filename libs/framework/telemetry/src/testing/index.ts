export { recordTelemetry, type RecordedMetric, type RecordedTelemetry } from './record-telemetry.ts';
