import type { Logger } from '@org/logging';
import type { Change, CheckKind, Status } from './types.ts';

const most = 50;

export interface Finding {
  readonly status: Status;
  readonly kind?: CheckKind;
  readonly reason?: string;
}

/** Remembers how each check was, and makes a log line and an entry of every change. */
export interface History {
  note(check: string, finding: Finding): void;
  forget(check: string): void;
  /** The last 50 changes, newest first. */
  changes(): readonly Change[];
}

export function createHistory(logger: Logger): History {
  const statuses = new Map<string, Status>();
  const changes: Change[] = [];
  return {
    note(check, { status, kind, reason }) {
      const from = statuses.get(check) ?? 'unknown';
      if (status === from) return;
      statuses.set(check, status);
      changes.unshift({ time: new Date().toISOString(), check, from, to: status, ...(reason && { reason }) });
      changes.length = Math.min(changes.length, most);
      const fields = { check, ...(kind && { kind }), status, ...(reason && { reason }) };
      if (status !== 'ok') logger.warn(fields, `The check ${check} failed: ${reason ?? 'it does not say why'}`);
      else if (from !== 'unknown') logger.info(fields, `The check ${check} is ok again`);
    },
    forget: (check) => void statuses.delete(check),
    changes: () => [...changes],
  };
}
