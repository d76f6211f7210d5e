import type { Files } from './base.ts';
import { migrationFolder } from './migration-job.ts';
import { openings, purposeOf, type Opening } from './network.ts';
import type { VariableDescription } from './description.ts';
import { variablesOf, type Service } from './service.ts';
import { paragraphs, requiredSettings, setting } from './settings.ts';
import { hasVault, vaultAddress, vaultSettings } from './vault.ts';

/** The overlays that a service starts with. They are its team's: written once, and read by nobody but Kustomize after that. */
export function renderOverlays(service: Service): Files {
  return new Map([
    ['overlays/local/kustomization.yaml', local(service)],
    ['overlays/local/settings.env', localSettings(service)],
    ['overlays/production/kustomization.yaml', production(service)],
    ['overlays/production/settings.env', productionSettings(service)],
  ]);
}

/**
 * Which settings that production requires an overlay says nothing about, not even in a comment; that of another service with
 * where it is in the cluster, as `ORDER_SERVICE_URL=http://order-service:3000`.
 */
export function unnamedSettings(service: Service, overlay: string): string[] {
  return requiredSettings(service)
    .filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(overlay))
    .map((variable) => [variable.name, inCluster(service, variable)].filter(Boolean).join('='));
}

/** Which network policies an overlay says nothing about, not even in a comment, while it patches some. */
export function unnamedPolicies(service: Service, overlay: string): string[] {
  if (!/^\s*kind: NetworkPolicy$/m.test(overlay)) return [];
  return openings(service)
    .map(({ suffix }) => `${service.name}-${suffix}`)
    .filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(overlay));
}

function local(service: Service): string {
  const { name, image } = service;
  return `# The team's own: \`npx nx manifests ${image}\` wrote it once. For kind or k3d on a developer's machine: docs/deployment.md.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
images:
  - name: ${image}
    newTag: latest
configMapGenerator:
  - name: ${name}
    behavior: merge
    envs:
      - settings.env
patches:
  # One replica: what is embedded, such as a database in memory, is each replica's own.
  - patch: |-
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata:
        name: ${name}
      $patch: delete
${isEmbedded(service) ? roomForDatabase(name) : ''}`;
}

/** Whether its database is in the process where nothing else is named. */
function isEmbedded(service: Service): boolean {
  return namedLocally(service).some((variable) => localValue(service, variable) === memory);
}

function roomForDatabase(name: string): string {
  return `  # The database in the process is beside the heap, and while it starts it takes more than later.
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: ${name}
      spec:
        template:
          spec:
            containers:
              - name: service
                resources:
                  requests:
                    memory: 768Mi
                  limits:
                    memory: 1536Mi
`;
}

function localSettings(service: Service): string {
  return paragraphs(
    "# What a start needs on a developer's machine; ../../base/settings.env lists every setting.",
    ...namedLocally(service).map((variable) => setting(variable, { value: localValue(service, variable) })),
  );
}

/** What is embedded is no secret, also where what production has in its place is one. */
function namedLocally(service: Service): VariableDescription[] {
  return variablesOf(service).filter(
    ({ requiredInProduction, secret, default: usual }) => requiredInProduction && (!secret || usual !== undefined),
  );
}

/** A database that is gone with the pod, which can write no folder. */
const memory = 'pglite:memory';

/** What is embedded, named; another service under its name in the cluster. */
function localValue(service: Service, variable: VariableDescription): string | undefined {
  const usual = variable.default?.startsWith('pglite:') ? memory : variable.default;
  return inCluster(service, variable) ?? usual ?? variable.example;
}

/** The URL of another service of the workspace, whose port is the one that it has in development. */
function inCluster({ connections }: Service, { name, default: usual }: VariableDescription): string | undefined {
  const connection = connections.find(({ kind, variable }) => kind === 'service' && variable === name);
  if (!connection || usual === undefined || !URL.canParse(usual)) return undefined;
  const { protocol, port, pathname } = new URL(usual);
  return `${protocol}//${purposeOf(connection)}${port && `:${port}`}${pathname === '/' ? '' : pathname}`;
}

function production(service: Service): string {
  const { name, image, version, migrates } = service;
  return `# The team's own: \`npx nx manifests ${image}\` wrote it once. What to REPLACE is marked; how, says docs/deployment.md.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
components:
  # Wants the Prometheus Operator.
  - ../../base/monitoring
${migrates ? migrationComponent : ''}images:
  # REPLACE: where the image was pushed, and the version that runs.
  - name: ${image}
    newName: registry.example.com/${image}
    newTag: ${JSON.stringify(version).replaceAll('"', "'")}
configMapGenerator:
  - name: ${name}
    behavior: merge
    envs:
      - settings.env
patches:
  # REPLACE: who may connect, and to whom. A policy without peers lets its ports through to and from everybody.
${openings(service)
  .map((opening) => peers(service, opening))
  .join('')}`;
}

const migrationComponent = `  # Migrations by a Job; without it, each start applies those that are missing.
  # - ../../base/${migrationFolder}
`;

function peers({ name }: Service, opening: Opening): string {
  const value = peersOf(opening);
  const side = opening.direction === 'ingress' ? 'from' : 'to';
  return `  - target:
      kind: NetworkPolicy
      name: ${name}-${opening.suffix}
    patch: |-
      - op: add
        path: /spec/${opening.direction}/0/${side}
        value:
${value.map((line) => `          ${line}\n`).join('')}`;
}

function peersOf({ suffix, direction, connection }: Opening): string[] {
  const namespace = usualNamespaces[suffix];
  if (namespace) return inNamespace(namespace);
  if (direction === 'ingress') return ['- podSelector: {}', ...inNamespace('ingress')];
  if (connection?.kind !== 'service') return ['- ipBlock:', '    cidr: 0.0.0.0/0'];
  return ['- podSelector:', '    matchLabels:', `      app.kubernetes.io/name: ${purposeOf(connection)}`];
}

/** Where a peer is in most clusters. */
const usualNamespaces: Record<string, string> = {
  'ingress-ops': 'monitoring',
  'egress-dns': 'kube-system',
  'egress-telemetry': 'monitoring',
  'egress-vault': 'vault',
};

function inNamespace(name: string): string[] {
  return ['- namespaceSelector:', '    matchLabels:', `      kubernetes.io/metadata.name: ${name}`];
}

function productionSettings(service: Service): string {
  const required = requiredSettings(service);
  const purpose =
    '# What production has otherwise than the base; ../../base/settings.env lists every setting. No secret belongs here.';
  const mark = '# REPLACE: set each of these. Until then a start ends with exit code 78, and names them.';
  return paragraphs(
    required.length === 0 ? purpose : `${purpose}\n${mark}`,
    ...required.map((variable) => setting(variable, { other: inCluster(service, variable) })),
    ...(hasVault(service) ? fromVault(service) : []),
  );
}

/** Set, but for where Vault is: a key of the Secret still comes first, so that credentials can move one by one. */
function fromVault(service: Service): string[] {
  const address = variablesOf(service).filter(({ name }) => name === vaultAddress);
  return [
    [
      `# REPLACE: where Vault is. Its role \`${service.name}\` is for the service account of that name, and may read what is`,
      `# referred to. What the Secret \`${service.name}\` has under the same name holds instead.`,
    ].join('\n'),
    ...address.map((variable) => setting(variable, { other: variable.example })),
    ...vaultSettings(service).map(({ variable, value }) => setting(variable, { value })),
  ];
}
