import type { Description, VariableDescription } from '../src/manifests/description.ts';
import { serviceOf, type Service } from '../src/manifests/service.ts';
import type { Project } from '../src/workspace.ts';

function variable(name: string, rest: Partial<VariableDescription> = {}): VariableDescription {
  const usual = { description: `What ${name} is for.`, expected: 'a text', requiredInProduction: false, secret: false };
  return { name, ...usual, ...rest };
}

/** What a service says of itself that has every kind of setting and of connection. */
export function parcelDescription(): Description {
  return {
    name: 'parcel-service',
    contract: {
      version: '1.0.0',
      operations: [{ id: 'getParcel' }],
      publishes: [],
      consumes: [],
      handles: [],
      answers: [],
    },
    settings: {
      fragments: [
        {
          name: 'service',
          variables: [
            variable('SHUTDOWN_DELAY', { default: '0s', defaultInProduction: '5s' }),
            variable('SHUTDOWN_TIMEOUT', { default: '25s', defaultInProduction: '90s' }),
            variable('SERVICE_VERSION', { default: '0.0.0-dev' }),
          ],
        },
        {
          name: 'ops',
          variables: [variable('OPS_PORT', { default: '9465' }), variable('OPS_TOKEN', { secret: true })],
        },
        {
          name: 'telemetry',
          variables: [variable('OTEL_EXPORTER_OTLP_ENDPOINT', { example: 'http://collector:4318' })],
        },
        { name: 'health', variables: [variable('HEALTH_TIMEOUT', { default: '2500ms' })] },
        {
          name: 'rest',
          variables: [variable('PORT', { default: '3010' }), variable('REST_TIMEOUT', { default: '30s' })],
        },
        {
          name: 'database',
          variables: [
            variable('DATABASE_URL', { default: 'pglite:memory', requiredInProduction: true }),
            variable('DATABASE_PASSWORD', { secret: true, requiredInProduction: true }),
          ],
        },
        {
          name: 'orders',
          variables: [variable('ORDER_SERVICE_URL', { default: 'http://localhost:3000', requiredInProduction: true })],
        },
      ],
    },
    connections: [
      { kind: 'datastore', variable: 'DATABASE_URL', ports: { 'postgres:': 5432 } },
      { kind: 'service', variable: 'ORDER_SERVICE_URL', ports: { 'http:': 80, 'https:': 443 } },
    ],
    commands: [{ name: 'migration' }],
  };
}

/** What it says of itself when it has the store of Vault. */
export function parcelDescriptionWithVault(): Description {
  const { settings, connections, ...rest } = parcelDescription();
  const variables = [
    variable('VAULT_ADDR', { example: 'https://vault:8200' }),
    variable('VAULT_AUTH', { default: 'token' }),
    variable('VAULT_ROLE'),
    variable('VAULT_JWT_PATH'),
  ];
  const credentials = { name: 'replica', variables: [variable('READ_REPLICA_CREDENTIALS', { secret: true })] };
  return {
    ...rest,
    settings: { fragments: [...settings.fragments, { name: 'secrets-vault', variables }, credentials] },
    connections: [...connections, { kind: 'secrets', variable: 'VAULT_ADDR', ports: { 'http:': 80, 'https:': 443 } }],
  };
}

export const parcelProject: Project = {
  root: 'apps/parcel-service',
  shortName: 'parcel-service',
  layer: 'app',
  manifest: {
    name: '@acme/parcel-service',
    version: '1.2.3',
    nx: { tags: ['layer:app'], metadata: { ports: { rest: 3010, ops: 9465 } } },
  },
};

export function parcelService(): Service {
  return serviceOf(parcelDescription(), parcelProject);
}
