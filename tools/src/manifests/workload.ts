import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { labels, metadata, selectorLabels } from './metadata.ts';
import { productionDefault, secondsOf, variablesOf, type Service } from './service.ts';

/** How long a stop may take beyond `SHUTDOWN_TIMEOUT`, in seconds, before Kubernetes kills the process. */
const graceSeconds = 5;
/** How long a start may take in all, in seconds. The service itself gives up on a part that takes too long. */
const startSeconds = 300;
/** Whom the image runs as: docker/Dockerfile. */
const user = 65532;

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
          serviceAccountName: service.name,
          automountServiceAccountToken: false,
          // Variables named after other services, such as PORT, would be taken for settings.
          enableServiceLinks: false,
          terminationGracePeriodSeconds: secondsOf(shutdownTimeout(service)) + graceSeconds,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: user,
            runAsGroup: user,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
            topologyKey,
            maxSkew: 1,
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels },
            matchLabelKeys: ['pod-template-hash'],
          })),
          containers: [container(service)],
        },
      },
    },
  };
}

function container(service: Service): IContainer {
  return {
    name: 'service',
    image: service.image,
    // Without it, the tag `latest` is pulled even where the image was loaded into the node.
    imagePullPolicy: 'IfNotPresent',
    ports: service.ports.map(({ name, number }) => ({ name, containerPort: number })),
    env: environment(service),
    envFrom: [{ configMapRef: { name: service.name } }],
    ...probes(service),
    resources: {
      requests: { cpu: '250m', memory: '256Mi' },
      // The heap takes three quarters of the memory's limit. A limit of the CPU would only hold up the event loop.
      limits: { memory: '256Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** What stands here beats the ConfigMap: what other fields of the Deployment depend on, and secrets, by reference. */
function environment(service: Service) {
  const secrets = variablesOf(service).filter(({ secret }) => secret);
  return [
    ...service.ports.map(({ variable, number }) => ({ name: variable, value: String(number) })),
    { name: 'SHUTDOWN_TIMEOUT', value: shutdownTimeout(service) },
    { name: 'HEALTH_TIMEOUT', value: healthTimeout(service) },
    // Optional even where production needs it: the service itself names all that is missing at once, and a reference to a
    // secret store may stand in the ConfigMap instead.
    ...secrets.map(({ name }) => ({
      name,
      valueFrom: { secretKeyRef: { name: service.name, key: name, optional: true } },
    })),
  ];
}

function probes(service: Service): Pick<IContainer, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
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

function shutdownTimeout(service: Service): string {
  return productionDefault(service, 'SHUTDOWN_TIMEOUT') ?? '25s';
}

function healthTimeout(service: Service): string {
  return productionDefault(service, 'HEALTH_TIMEOUT') ?? '1s';
}
