import type { Fragments, SecretStore, Settings } from '@org/config';
import type { Contract } from '@org/contract';
import type { Command, Runtime } from '@org/runtime';

/**
 * Runs an opener: the kernel names, times and, when a later one fails, closes what it gives.
 * `runtime` carries a logger of that name and all else that a resource may ask of the service.
 *
 * @throws {ServiceError} the opener's code with reason START_FAILED; `deadline_exceeded` START_TIMEOUT when it hangs.
 */
export type Start = <Opened>(
  name: string,
  open: (runtime: Runtime<Contract>) => Opened | Promise<Opened>,
) => Promise<Opened>;

/** A service: what it is called, reads, promises and consists of. */
export interface ServiceDefinition<Config extends Fragments> {
  /** Kebab-case; it names the service in logs, metrics, events and the image. */
  readonly name: string;
  readonly config: Config;
  readonly contract: Contract;
  /** Where references such as `vault:…` lead; `env:` is always there. */
  readonly secrets?: readonly SecretStore<unknown, Runtime<Contract>>[];
  /** The service's own sub-commands. */
  readonly commands?: readonly Command<Settings<Config>>[];
  /** Opens the service's parts in order. They are closed in reverse. */
  start(context: { readonly settings: Settings<Config>; readonly start: Start }): Promise<void>;
}
