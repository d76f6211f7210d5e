import { describeSettings, type Fragments, type SettingsDescription } from '@org/config';
import type { Contract } from '@org/contract';
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
    readonly publishes: readonly MessageDescription[];
    readonly consumes: readonly MessageDescription[];
    readonly handles: readonly MessageDescription[];
    readonly answers: readonly MessageDescription[];
  };
  readonly settings: SettingsDescription;
  /** What the service connects to, by kind, with the variable that says where and the default port of each protocol. */
  readonly connections: SettingsDescription['fragments'][number]['connections'];
  readonly secretStores: readonly string[];
  /** With what each says of itself, such as the queues that `topology` compares. */
  readonly commands: readonly {
    readonly name: string;
    readonly usage?: string;
    readonly summary: string;
    readonly [fact: string]: unknown;
  }[];
}

/** A message of the contract; of one that is consumed by its type alone, others have the summary. */
export interface MessageDescription {
  readonly type: string;
  readonly summary?: string;
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
      ...describeMessages(contract),
    },
    settings,
    connections: settings.fragments.flatMap(({ connections }) => connections),
    secretStores: ['env', ...secrets.map(({ scheme }) => scheme)],
    commands: commands.map((command) => ({
      name: command.name,
      ...(command.usage && { usage: command.usage }),
      summary: command.summary,
      ...command.describe?.({ name, contract }),
    })),
  };
}

function describeMessages({ publishes = [], consumes = [], handles = [], answers = [] }: Contract) {
  const described = (message: string | MessageDescription): MessageDescription =>
    typeof message === 'string' ? { type: message } : { type: message.type, summary: message.summary };
  return {
    publishes: publishes.map(described),
    consumes: consumes.map(described),
    handles: handles.map(described),
    answers: answers.map(described),
  };
}
