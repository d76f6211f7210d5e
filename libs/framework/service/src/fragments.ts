import type { Fragment, Fragments, SecretStore, Settings } from '@org/config';
import { healthSettings } from '@org/health';
import { loggingSettings } from '@org/logging';
import { telemetrySettings } from '@org/telemetry';
import type { ServiceDefinition } from './definition.ts';
import { opsSettings, serviceSettings } from './settings.ts';

/** What every service reads besides its own settings. A service's own `ops` replaces the one here, for its own port. */
const kernelFragments = {
  service: serviceSettings,
  ops: opsSettings({ port: 9464 }),
  logging: loggingSettings,
  telemetry: telemetrySettings,
  health: healthSettings,
};

/** The kernel's own settings, which wait for no reference. */
export type KernelSettings = Settings<typeof kernelFragments>;

/** All that a service reads: the kernel's fragments, its secret stores', its own. */
export function fragmentsOf(definition: Pick<ServiceDefinition<Fragments>, 'config' | 'secrets'>): Fragments {
  const stores = (definition.secrets ?? []).flatMap((store) =>
    store.settings ? [[storeFragment(store), store.settings] as const] : [],
  );
  const taken = Object.keys(definition.config).find(
    (name) => name !== 'ops' && (Object.hasOwn(kernelFragments, name) || stores.some(([store]) => store === name)),
  );
  if (taken !== undefined) {
    throw new TypeError(`Expected each name in \`config\` to be free, got \`${taken}\`, which the kernel reads itself`);
  }
  const fragments: Fragments = { ...kernelFragments, ...Object.fromEntries(stores), ...definition.config };
  for (const name of [...Object.keys(kernelFragments), ...stores.map(([store]) => store)]) {
    assertNoReferences(name, fragments[name] as Fragment);
  }
  return fragments;
}

/** The name that the settings of a secret store have among the fragments. */
export function storeFragment({ scheme }: Pick<SecretStore, 'scheme'>): string {
  return `secrets-${scheme}`;
}

// References are resolved by the stores, after the logs and the ops port have started: none of these can wait for that.
function assertNoReferences(name: string, { variables }: Fragment): void {
  const declared: { name: string; references: boolean }[] = Object.values(variables);
  const wrong = declared.find(({ references }) => references);
  if (!wrong) return;
  throw new TypeError(`Expected ${wrong.name} of \`${name}\` to be declared with \`references: false\``);
}
