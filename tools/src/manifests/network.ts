import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IService } from 'kubernetes-models/v1/Service';
import type { ConnectionDescription } from './description.ts';
import { metadata, selectorLabels } from './metadata.ts';
import { variablesOf, type Port, type Service } from './service.ts';
import { vaultAddress, vaultPort } from './vault.ts';

const protocols: Record<Port['name'], string> = { rest: 'http', grpc: 'kubernetes.io/h2c', ops: 'http' };

/** Its ports have the numbers of the container's, so that a URL holds in development, in the cluster and in policies. */
export function service(described: Service): IService {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(described),
    spec: {
      selector: selectorLabels(described),
      ports: described.ports.map(({ name, number }) => ({
        name,
        port: number,
        targetPort: name,
        appProtocol: protocols[name],
      })),
    },
  };
}

/** What may go in or out: the ports of one purpose, to or from anybody until an overlay names the peers. */
export interface Opening {
  /** `ingress-rest`, `egress-dns`, `egress-orders`: what the policy's name ends with. */
  suffix: string;
  direction: 'ingress' | 'egress';
  ports: { port: number; protocol: 'TCP' | 'UDP' }[];
  connection?: ConnectionDescription;
}

/** One for each purpose. */
export function openings(described: Service): Opening[] {
  const sendsTelemetry = variablesOf(described).some(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT');
  return [
    ...described.ports.map(({ name, number }) => opening('ingress', name, [number])),
    { ...opening('egress', 'dns', [53]), ports: (['UDP', 'TCP'] as const).map((protocol) => ({ port: 53, protocol })) },
    // https://opentelemetry.io/docs/specs/otlp/: 4317 for gRPC, 4318 for HTTP
    ...(sendsTelemetry ? [opening('egress', 'telemetry', [4317, 4318])] : []),
    ...described.connections
      .map((connection) => ({
        ...opening('egress', purposeOf(connection), portsOf(described, connection)),
        connection,
      }))
      // A policy without ports would open them all.
      .filter(({ ports }) => ports.length > 0),
  ];
}

/**
 * A policy for each opening: policies add up, and whatever none of them lets through is cut off. Being one each, an
 * overlay can name the peers of one by its name, whatever is declared later.
 */
export function networkPolicies(described: Service): INetworkPolicy[] {
  return openings(described).map(({ suffix, direction, ports }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(described, suffix),
    spec: {
      podSelector: { matchLabels: selectorLabels(described) },
      policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
      [direction]: [{ ports }],
    },
  }));
}

/** What a connection's variable is called without its end: `orders` of `ORDERS_URL`, `vault` of `VAULT_ADDR`. */
export function purposeOf({ variable }: ConnectionDescription): string {
  return variable
    .replace(/_(URL|ADDR)$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
}

function opening(direction: Opening['direction'], purpose: string, ports: number[]): Opening {
  return { suffix: `${direction}-${purpose}`, direction, ports: ports.map((port) => ({ port, protocol: 'TCP' })) };
}

/**
 * Those that it declares, and that of the URL in development: another service of the workspace has the same in the cluster.
 * Vault is seldom at the port of its protocol.
 */
function portsOf(described: Service, { variable, ports }: ConnectionDescription): number[] {
  const url = variablesOf(described).find(({ name }) => name === variable)?.default ?? '';
  const usual = URL.canParse(url) ? Number(new URL(url).port) : 0;
  const others = variable === vaultAddress ? [vaultPort] : [];
  return [...new Set([...Object.values(ports), ...(usual ? [usual] : []), ...others])].sort((a, b) => a - b);
}
