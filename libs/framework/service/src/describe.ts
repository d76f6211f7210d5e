import { describeSettings, type Fragments, type SettingsDescription } from '@org/config';
import type { ServiceDefinition } from './definition.ts';
import { fragmentsOf } from './fragments.ts';

/** A service as plain JSON: what `node main.js describe` prints, and manifests and references are made from. */
export interface ServiceDescription {
  readonly name: string;
  readonly contract: {
    readonly name: string;
    readonly version: string;
    readonly operations: readonly {
      readonly id: string;
      readonly method: string;
      readonly path: string;
      readonly summary: string;
    }[];
  };
  readonly settings: SettingsDescription;
  /** What the service connects to, by kind, with the variable that says where and the default port of each protocol. */
  readonly connections: SettingsDescription['fragments'][number]['connections'];
  readonly secretStores: readonly string[];
  readonly commands: readonly { readonly name: string; readonly usage?: string; readonly summary: string }[];
}

/** Describes a service without opening anything; it needs no valid environment. */
export function describeService(definition: ServiceDefinition<Fragments>): ServiceDescription {
  const { name, contract, secrets = [], commands = [] } = definition;
  const settings = describeSettings(fragmentsOf(definition), { service: name });
  return {
    name,
    contract: {
      name: contract.name,
      version: contract.version,
      operations: contract.operations.map(({ id, method, path, summary }) => ({ id, method, path, summary })),
    },
    settings,
    connections: settings.fragments.flatMap(({ connections }) => connections),
    secretStores: ['env', ...secrets.map(({ scheme }) => scheme)],
    commands: commands.map(({ name: command, usage, summary }) => ({
      name: command,
      ...(usage && { usage }),
      summary,
    })),
  };
}
