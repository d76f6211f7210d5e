import { defineSettings, text, variable } from '@org/config';
import { defineSecretStore } from '@org/secrets';
import { createVolumesProvider } from './volumes-provider.ts';

export interface KubernetesSecretsSettings {
  /** The folder below which the volumes are mounted. */
  readonly path: string;
}

/**
 * The secrets of Kubernetes as the pod has them mounted: `kubernetes:name/key` is the file `name/key` below
 * `KUBERNETES_SECRETS_PATH`, and `kubernetes:name` all files of that folder. The API server is not asked.
 */
export const kubernetes = defineSecretStore<KubernetesSecretsSettings>({
  scheme: 'kubernetes',
  settings: defineSettings<KubernetesSecretsSettings>({
    path: variable('KUBERNETES_SECRETS_PATH', text({ pattern: /^\//, expected: 'an absolute path' }), {
      description: 'Where secrets are mounted: below it, `kubernetes:name/key` is the file `name/key`.',
      default: '/var/run/secrets/app',
      references: false,
    }),
  }),
  open: ({ path }, runtime) => createVolumesProvider(path, runtime),
});
