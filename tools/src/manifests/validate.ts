/** What every object of Kubernetes has. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string };
}

interface Model {
  prototype: { validate(): void };
}

/**
 * Kubernetes' schemas as compiled checks, generated from its OpenAPI document and, for monitoring, from the operator's; `undefined`
 * for a kind that neither has.
 */
async function modelOf({ apiVersion, kind }: KubernetesObject): Promise<Model | undefined> {
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(apiVersion) || !/^\w+$/.test(kind)) return undefined;
  const library = isOfOperator(apiVersion) ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  try {
    const module = (await import(`${library}/${apiVersion}/${kind}`)) as Record<string, Model>;
    return module[kind];
  } catch {
    return undefined;
  }
}

function isOfOperator(apiVersion: string): boolean {
  return apiVersion.startsWith('monitoring.coreos.com/');
}

/** Whether an object is of a kind that somebody else defines, such as an ExternalSecret: there is no schema of it here. */
export function isForeign({ apiVersion }: KubernetesObject): boolean {
  const [group = ''] = apiVersion.split('/');
  return group.includes('.') && !group.endsWith('.k8s.io') && !isOfOperator(apiVersion);
}

/**
 * One sentence for each way in which an object is not what its schema says, fields that the schema does not know included.
 * Kinds without a schema here are a problem too.
 */
export async function validate(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind, metadata } = object;
  const name = `${kind} \`${metadata?.name ?? ''}\``;
  const model = await modelOf(object);
  if (!model) return [`${name}: there is no schema of ${apiVersion} ${kind}`];
  const read = new Map<object, Set<string>>();
  const problems: string[] = [];
  try {
    model.prototype.validate.call(recording(object, read));
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
