import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { stringify } from 'yaml';
import { labels, metadata } from './metadata.ts';
import { container, podSpec } from './pod.ts';
import type { Service } from './service.ts';

/** Where the component lies below the base. */
export const migrationFolder = 'migration-job';
/** How often it begins anew after a failure. */
const retries = 3;
/** How long it may take in all, in seconds, its retries included. */
const deadlineSeconds = 3_600;
/** The exit code of a service that is configured wrongly: another try would end as this one. */
const wronglyConfigured = 78;

/**
 * Applies the migrations, once, by the image and with the settings of the service. It has one name for ever: what it runs with
 * may change without a new version, and a Job cannot be changed, so whoever deploys deletes the last one first.
 */
export function migrationJob(service: Service): IJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(service, 'migrate'),
    spec: {
      backoffLimit: retries,
      activeDeadlineSeconds: deadlineSeconds,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          {
            action: 'FailJob',
            onExitCodes: { containerName: 'service', operator: 'In', values: [wronglyConfigured] },
          },
        ],
      },
      template: {
        // Not the name of the service: the Service would send it requests.
        metadata: { labels: { ...labels(service), ...migratingPods(service) } },
        spec: {
          ...podSpec(service),
          restartPolicy: 'Never',
          containers: [container(service, { args: ['migration', 'run'] })],
        },
      },
    },
  };
}

/** The component: the Job, a start that applies nothing itself, and what the Job may connect to. */
export function migrationComponent(service: Service) {
  const podSelector = {
    matchExpressions: Object.entries(migratingPods(service)).map(([key, migrating]) => ({
      key,
      operator: 'In',
      values: [service.name, migrating],
    })),
  };
  return {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    resources: ['job.yaml'],
    configMapGenerator: [{ name: service.name, behavior: 'merge', literals: ['DATABASE_MIGRATE=verify'] }],
    patches: [
      {
        target: { kind: 'NetworkPolicy', name: `${service.name}-egress-.*` },
        patch: stringify([{ op: 'replace', path: '/spec/podSelector', value: podSelector }]),
      },
    ],
  };
}

function migratingPods({ name }: Service) {
  return { 'app.kubernetes.io/name': `${name}-migrate` };
}
