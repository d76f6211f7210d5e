export { kubernetes, type KubernetesSecretsSettings } from './kubernetes.ts';
