import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { parse } from 'yaml';
import { metadata, selectorLabels } from './metadata.ts';
import { scopeToJob } from './promql.ts';
import type { Service } from './service.ts';

/** Has the Prometheus Operator scrape each replica; `job` becomes the service's name, as dashboard and rules have it. */
export function serviceMonitor(service: Service): IServiceMonitor {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: metadata(service),
    spec: {
      jobLabel: 'app.kubernetes.io/name',
      selector: { matchLabels: selectorLabels(service) },
      endpoints: [{ port: 'ops', path: '/metrics', interval: '30s' }],
    },
  };
}

type Groups = NonNullable<IPrometheusRule['spec']['groups']>;

/** The workspace's rules (`deploy/alerts`) for one service: it can change a threshold in an overlay and no other notices. */
export function prometheusRule(service: Service, rules: string): IPrometheusRule {
  const { groups } = parse(rules) as { groups: Groups };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: metadata(service),
    spec: {
      groups: groups.map((group) => ({
        ...group,
        rules: group.rules?.map((rule) => ({ ...rule, expr: scopeToJob(String(rule.expr), service.name) })),
      })),
    },
  };
}
