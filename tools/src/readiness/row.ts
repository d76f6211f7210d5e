/** `unknown` is what could not be observed here. */
export type State = 'ok' | 'gap' | 'unknown';

/** What one look at a service has shown. */
export interface Row {
  readonly name: string;
  readonly state: State;
  /** What was seen, in one line. */
  readonly evidence: string;
  /** The command that mends a gap, or that shows what is unknown. */
  readonly mend?: string;
}

type Remedy = string | undefined;

export function ok(name: string, evidence: string): Row {
  return { name, state: 'ok', evidence };
}

export function gap(name: string, evidence: string, mend: Remedy): Row {
  return { name, state: 'gap', evidence, ...(mend !== undefined && { mend }) };
}

export function unknown(name: string, evidence: string, mend: Remedy): Row {
  return { name, state: 'unknown', evidence, ...(mend !== undefined && { mend }) };
}
