import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** What Prometheus calls the units of UCUM. Any other stands as it is; one in braces is a note, and left out. */
const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  kBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
};
/** The same below a stroke: `By/s` is `bytes_per_second`. */
const perUnits: Readonly<Record<string, string>> = { s: 'second', m: 'minute', min: 'minute', h: 'hour', d: 'day' };

/**
 * A metric under the name that Prometheus expects: with its unit, which then stands nowhere else. The serializer turns
 * dots into underscores and adds `_total`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function withPrometheusName<Metric extends MetricData>(metric: Metric): Metric {
  const { name, unit } = metric.descriptor;
  const counts = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  // The serializer puts it back, behind the unit.
  const bare = counts ? name.replace(/_total$/, '') : withoutCount(name, metric.dataPointType);
  const words = wordsOf(unit, metric.dataPointType);
  const suffix = words && !bare.endsWith(words) ? `_${words}` : '';
  return { ...metric, descriptor: { ...metric.descriptor, name: `${bare}${suffix}`, unit: '' } };
}

/** The end `_count` is kept for histograms: `file_descriptor.count` becomes `file_descriptors`. */
function withoutCount(name: string, type: DataPointType): string {
  return type === DataPointType.HISTOGRAM ? name : name.replace(/[._]count$/, 's');
}

function wordsOf(unit: string, type: DataPointType): string {
  if (unit === '1') return type === DataPointType.GAUGE ? 'ratio' : '';
  const [of = '', per = ''] = unit.replaceAll(/\{[^}]*\}/g, '').split('/');
  const word = units[of] ?? of;
  const perWord = perUnits[per] ?? per;
  return [word, perWord && `per_${perWord}`]
    .filter(Boolean)
    .join('_')
    .replaceAll(/[^a-zA-Z0-9]+/g, '_');
}
