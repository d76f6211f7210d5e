import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { productionDefault, secondsOf, variablesOf, type Service } from './service.ts';
import { hasVault, vaultEnvironment, vaultVolumeMounts, vaultVolumes } from './vault.ts';

/** How long a stop may take beyond `SHUTDOWN_TIMEOUT`, in seconds, before Kubernetes kills the process. */
const graceSeconds = 5;
/** Whom the image runs as: docker/Dockerfile. */
const user = 65532;

/** What the pods of a service have in common, those that serve and those that do something once. */
export function podSpec(service: Service): Omit<IPodSpec, 'containers'> {
  return {
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
    ...(hasVault(service) && { volumes: vaultVolumes() }),
  };
}

/**
 * The container of the image.
 *
 * @param does What it does besides: its ports and probes, or the sub-command in place of serving.
 */
export function container(service: Service, does: Pick<IContainer, 'ports' | 'args'>, probes: Probes = {}): IContainer {
  return {
    name: 'service',
    image: service.image,
    // Without it, the tag `latest` is pulled even where the image was loaded into the node.
    imagePullPolicy: 'IfNotPresent',
    ...does,
    env: environment(service),
    envFrom: [{ configMapRef: { name: service.name } }],
    ...(hasVault(service) && { volumeMounts: vaultVolumeMounts() }),
    ...probes,
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

export type Probes = Pick<IContainer, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;

/** What stands here beats the ConfigMap: what other fields depend on, and secrets, by reference. */
function environment(service: Service) {
  const secrets = variablesOf(service).filter(({ secret }) => secret);
  return [
    ...service.ports.map(({ variable, number }) => ({ name: variable, value: String(number) })),
    { name: 'SHUTDOWN_TIMEOUT', value: shutdownTimeout(service) },
    { name: 'HEALTH_TIMEOUT', value: healthTimeout(service) },
    ...(hasVault(service) ? vaultEnvironment() : []),
    // Optional even where production needs it: the service itself names all that is missing at once, and a reference to a
    // secret store may stand in the ConfigMap instead.
    ...secrets.map(({ name }) => ({
      name,
      valueFrom: { secretKeyRef: { name: service.name, key: name, optional: true } },
    })),
  ];
}

function shutdownTimeout(service: Service): string {
  return productionDefault(service, 'SHUTDOWN_TIMEOUT') ?? '25s';
}

/** How long a check may take. */
export function healthTimeout(service: Service): string {
  return productionDefault(service, 'HEALTH_TIMEOUT') ?? '1s';
}
