import type { Break } from './break.ts';
import type { User } from './users-of.ts';

export interface ReportedBreak extends Break {
  readonly users: readonly User[];
}

/** The breaks operation by operation and message by message, each with who in the workspace would notice. */
export function renderReport(breaks: readonly ReportedBreak[]): string {
  const operations = Map.groupBy(breaks, ({ operation, operationId }) =>
    operationId === undefined ? operation : `${operation} (${operationId})`,
  );
  return [...operations]
    .map(([operation, places]) =>
      [
        `  ${operation}`,
        ...places.map(({ place, change }) => `    ${place}: ${change}`),
        ...usersLines(places[0]?.users ?? [], places[0]?.type === undefined ? 'operation' : 'message'),
      ].join('\n'),
    )
    .join('\n\n');
}

function usersLines(users: readonly User[], what: string): string[] {
  if (users.length === 0) return ['    nobody in this workspace depends on the contract'];
  return users.map(({ name, files }) =>
    files.length > 0
      ? `    used by ${name}: ${files.join(', ')}`
      : `    ${name} depends on the contract, and does not name the ${what}`,
  );
}
