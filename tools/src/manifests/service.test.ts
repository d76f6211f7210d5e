import { expect, test } from 'vitest';
import {
  parcelDescription,
  parcelDescriptionWithVault,
  parcelProject,
  parcelService,
} from '../../test/parcel-service.ts';
import { renderOverlays, unnamedSettings } from './overlays.ts';
import { secondsOf, serviceOf } from './service.ts';

test.each([
  ['250ms', 1],
  ['25s', 25],
  ['1.5m', 90],
  ['1h', 3600],
])('a duration of %s is %i seconds', (duration, seconds) => {
  expect(secondsOf(duration)).toBe(seconds);
});

test('a port that is served and not recorded is named', () => {
  const manifest = { ...parcelProject.manifest, nx: { metadata: { ports: { rest: 3010 } } } };
  expect(() => serviceOf(parcelDescription(), { ...parcelProject, manifest })).toThrow(
    'Cannot render the manifests of `parcel-service`: it listens on `OPS_PORT`; expected a port `ops` under ' +
      '`nx.metadata.ports` in apps/parcel-service/package.json, got {"rest":3010}',
  );
});

test('a service without an ops port has nothing to probe', () => {
  const description = parcelDescription();
  description.settings.fragments = description.settings.fragments.filter(({ name }) => name !== 'ops');
  expect(() => serviceOf(description, parcelProject)).toThrow('expected `OPS_PORT` among its settings');
});

test('the overlay `local` names what is embedded, and other services by their names in the cluster', () => {
  const settings = renderOverlays(parcelService()).get('overlays/local/settings.env')!;
  expect(settings.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'DATABASE_URL=pglite:memory',
    'ORDER_SERVICE_URL=http://order-service:3000',
  ]);
});

test('the overlay `local` has room for a database in the process, and names one that needs no folder', () => {
  const description = parcelDescription();
  const [url] = description.settings.fragments.flatMap(({ variables }) => variables.filter(isDatabase));
  url!.default = 'pglite:.data/parcel-service';
  const overlays = renderOverlays(serviceOf(description, parcelProject));
  expect(overlays.get('overlays/local/settings.env')).toContain('\nDATABASE_URL=pglite:memory\n');
  expect(overlays.get('overlays/local/kustomization.yaml')).toContain('memory: 1536Mi');
  delete url!.default;
  const without = renderOverlays(serviceOf(description, parcelProject));
  expect(without.get('overlays/local/kustomization.yaml')).not.toContain('memory:');
});

test('the overlay `production` invents no value, and marks where each belongs', () => {
  const settings = renderOverlays(parcelService()).get('overlays/production/settings.env')!;
  expect(settings.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([]);
  expect(settings).toContain('# REPLACE: set each of these.');
  expect(settings).toContain('\n# DATABASE_URL=\n');
  expect(settings).not.toContain('PASSWORD');
});

test('with Vault the overlay `production` refers to it for credentials, and marks where it is', () => {
  const overlays = renderOverlays(serviceOf(parcelDescriptionWithVault(), parcelProject));
  const settings = overlays.get('overlays/production/settings.env')!;
  expect(settings.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'VAULT_AUTH=kubernetes',
    'VAULT_ROLE=parcel-service',
    'READ_REPLICA_CREDENTIALS=vault:kv/parcel-service/read-replica',
  ]);
  expect(settings).toContain('# REPLACE: where Vault is.');
  expect(settings).toContain('\n# VAULT_ADDR=https://vault:8200\n');
  expect(overlays.get('overlays/local/settings.env')).not.toContain('VAULT');
});

test('a required setting that an overlay does not name is found', () => {
  expect(unnamedSettings(parcelService(), 'ORDER_SERVICE_URL=http://orders\nOTHER_DATABASE_URL=')).toEqual([
    'DATABASE_URL',
  ]);
});

function isDatabase({ name }: { name: string }): boolean {
  return name === 'DATABASE_URL';
}
