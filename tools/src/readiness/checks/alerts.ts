import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

const file = 'deploy/alerts/service.rules.yml';

interface Rules {
  groups: { rules: { alert?: string; record?: string; expr: string }[] }[];
}

/** How many alerts are about what the service exposes. The others wait for something that it has not, such as a client. */
export const alerts: Check = ({ workspaceRoot, project, observation: { failure, metrics } }) => {
  const name = 'alerts';
  const serve = `npx nx serve ${project.shortName}`;
  if (!existsSync(join(workspaceRoot, file))) return gap(name, `there is no ${file}`, undefined);
  if (failure !== undefined) return unknown(name, 'it did not start', serve);
  const rules = (parse(readFileSync(join(workspaceRoot, file), 'utf8')) as Rules).groups.flatMap(
    (group) => group.rules,
  );
  const recorded = new Map(rules.flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr]])));
  // `up` is Prometheus' own: it says so of whatever has metrics.
  const isExposed = (metric: string) =>
    (metric === 'up' ? /^# TYPE /m : new RegExp(`^${metric}[{ ]`, 'm')).test(metrics);
  const all = rules.filter(({ alert }) => alert !== undefined);
  const able = all.filter(({ expr }) => metricsIn(expr, recorded).some(isExposed));
  if (able.length === 0) return gap(name, `none of ${all.length} alerts sees a metric of this service`, serve);
  return ok(name, `${able.length} of ${all.length} alerts see metrics that it exposes now`);
};

/** The metrics that an expression asks for, those of the recorded series that it names included. */
export function metricsIn(expr: string, recorded: ReadonlyMap<string, string>): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(?:by|on|without|ignoring) \([^)]*\)/g, '');
  const names = [...bare.matchAll(/[a-z_][\w:]*/gi)].map(([word]) => word);
  return names.flatMap((each) => {
    const series = recorded.get(each);
    return series === undefined ? [each] : metricsIn(series, new Map());
  });
}
