/** What a service needs of a broker, beside what the broker has. */
export interface TopologyReport {
  readonly rows: readonly TopologyRow[];
}

/** One thing on a broker: a queue, an exchange, a stream, a binding. */
export interface TopologyRow {
  /** What it is, in the broker's own word. */
  readonly kind: string;
  readonly name: string;
  /** `conflict` is made otherwise than it has to be; `unknown` cannot be asked for. */
  readonly state: 'present' | 'missing' | 'conflict' | 'unknown';
  /** What it is for or, in a conflict, in what it differs and what to do. */
  readonly detail: string;
}
