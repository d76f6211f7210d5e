import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { labels, metadata, selectorLabels } from './metadata.ts';
import { container, healthTimeout, podSpec, type Probes } from './pod.ts';
import { secondsOf, type Service } from './service.ts';

/** How long a start may take in all, in seconds. The service itself gives up on a part that takes too long. */
const startSeconds = 300;

export function serviceAccount(service: Service): IServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(service),
    automountServiceAccountToken: false,
  };
}

/** The pods. How many there are is the autoscaler's, so that applying this anew changes nothing about it. */
export function deployment(service: Service): IDeployment {
  const matchLabels = selectorLabels(service);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(service),
    spec: {
      selector: { matchLabels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: labels(service) },
        spec: {
          ...podSpec(service),
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
            topologyKey,
            maxSkew: 1,
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels },
            matchLabelKeys: ['pod-template-hash'],
          })),
          containers: [container(service, { ports: ports(service) }, probes(service))],
        },
      },
    },
  };
}

function ports(service: Service) {
  return service.ports.map(({ name, number }) => ({ name, containerPort: number }));
}

function probes(service: Service): Probes {
  const get = (path: string) => ({ httpGet: { path, port: 'ops' } });
  const startPeriodSeconds = 2;
  return {
    startupProbe: {
      ...get('/startupz'),
      periodSeconds: startPeriodSeconds,
      timeoutSeconds: 2,
      failureThreshold: startSeconds / startPeriodSeconds,
    },
    livenessProbe: { ...get('/livez'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    readinessProbe: {
      ...get('/readyz'),
      periodSeconds: 5,
      // A check that takes too long fails by itself, and says so, before the prober gives up.
      timeoutSeconds: secondsOf(healthTimeout(service)) + 1,
      failureThreshold: 2,
    },
  };
}
