/** What every object of Kubernetes has. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string };
}

interface Model {
  prototype: { validate(): void };
}

/** Kubernetes' schemas as compiled checks, generated from its OpenAPI document and, for monitoring, from the operator's. */
const models: Record<string, () => Promise<Model>> = {
  'apps/v1 Deployment': async () => (await import('kubernetes-models/apps/v1/Deployment')).Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': async () =>
    (await import('kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler')).HorizontalPodAutoscaler,
  'monitoring.coreos.com/v1 PrometheusRule': async () =>
    (await import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule')).PrometheusRule,
  'monitoring.coreos.com/v1 ServiceMonitor': async () =>
    (await import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor')).ServiceMonitor,
  'networking.k8s.io/v1 Ingress': async () => (await import('kubernetes-models/networking.k8s.io/v1/Ingress')).Ingress,
  'networking.k8s.io/v1 NetworkPolicy': async () =>
    (await import('kubernetes-models/networking.k8s.io/v1/NetworkPolicy')).NetworkPolicy,
  'policy/v1 PodDisruptionBudget': async () =>
    (await import('kubernetes-models/policy/v1/PodDisruptionBudget')).PodDisruptionBudget,
  'v1 ConfigMap': async () => (await import('kubernetes-models/v1/ConfigMap')).ConfigMap,
  'v1 Namespace': async () => (await import('kubernetes-models/v1/Namespace')).Namespace,
  'v1 Service': async () => (await import('kubernetes-models/v1/Service')).Service,
  'v1 ServiceAccount': async () => (await import('kubernetes-models/v1/ServiceAccount')).ServiceAccount,
};

/**
 * One sentence for each way in which an object is not what its schema says, fields that the schema does not know included.
 * Kinds without a schema here are a problem too.
 */
export async function validate(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind, metadata } = object;
  const name = `${kind} \`${metadata?.name ?? ''}\``;
  const load = models[`${apiVersion} ${kind}`];
  if (!load) return [`${name}: there is no schema of ${apiVersion} ${kind}; add it to tools/src/manifests/validate.ts`];
  const { prototype } = await load();
  const read = new Map<object, Set<string>>();
  const problems: string[] = [];
  try {
    prototype.validate.call(recording(object, read));
  } catch (error) {
    problems.push(...String((error as Error).message).split(', '));
  }
  return [...problems, ...unread(object, read, 'data')].map((problem) => `${name}: ${problem.replace(/^data\/?/, '')}`);
}

/**
 * The compiled checks let unknown fields pass. But they look at each field that they know of, and at no other: what they
 * never asked for is unknown to the schema.
 */
function recording<Value>(value: Value, read: Map<object, Set<string>>): Value {
  if (typeof value !== 'object' || value === null) return value;
  const asked = read.get(value) ?? new Set();
  read.set(value, asked);
  return new Proxy(value, {
    get(target, key, receiver) {
      asked.add(String(key));
      return recording<unknown>(Reflect.get(target, key, receiver), read);
    },
  });
}

function unread(value: unknown, read: Map<object, Set<string>>, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    inner !== undefined && !read.get(value)?.has(key)
      ? [`${path}/${key} is unknown to the schema`]
      : unread(inner, read, `${path}/${key}`),
  );
}
