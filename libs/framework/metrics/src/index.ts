export { createInstruments, type HistogramOptions, type InstrumentOptions, type Instruments } from './instruments.ts';
export { observeProcess } from './observe-process.ts';
export { openMetrics, type Measuring, type MeasuringOptions, type Metrics } from './open-metrics.ts';
