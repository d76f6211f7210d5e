import type { Environment, SecretSource } from '@org/config';
import type { SecretsRuntime } from '../provider.ts';

/** What not every provider of secrets can do. */
export type SecretFeature =
  /** A change reaches whoever has the secret: what this library opens does that, files and the environment do not. */
  | 'follows'
  /** It has `cut` and `mend`. */
  | 'outages'
  /** It has `deny` and `allow`. */
  | 'permissions'
  /** It tells generations apart by a version. */
  | 'versions'
  /** It has `leased`. */
  | 'leases';

/** Where the secrets of one case lie, and how the case changes them. Empty at first. */
export interface SecretsPlace extends AsyncDisposable {
  /** What the environment holds so that a variable takes a secret, one value of it or all: `{ PASSWORD: 'vault:kv/a#b' }`. */
  assign(variable: string, name: string, key?: string): Readonly<Record<string, string>>;
  /** Opens what resolves the references, as the kernel does; absent where nothing does. With `follows` it gives `Secrets`. */
  open?(environment: Environment, runtime: Required<SecretsRuntime>): Promise<SecretSource & AsyncDisposable>;
  /** Makes a secret, or puts these values in place of all that it had. */
  put(name: string, values: Readonly<Record<string, string>>): Promise<void>;
  remove(name: string): Promise<void>;
  /** Has nobody answer, until `mend`. */
  cut?(): Promise<void>;
  mend?(): Promise<void>;
  /** Has the store refuse to give this secret to the service, until `allow`. */
  deny?(name: string): Promise<void>;
  allow?(name: string): Promise<void>;
  /** Makes a name at which each reading makes other credentials, `username` and `password`, for a term. */
  leased?(name: string): Promise<LeasedSecret>;
}

export interface LeasedSecret {
  /** How long a lease holds at first, in milliseconds on the clock of the case. At least an hour. */
  readonly termMs: number;
  /** Whether the store takes credentials now, that is, whether their lease runs. */
  accepts(username: string): boolean | Promise<boolean>;
  /** How many leases run. */
  running(): number | Promise<number>;
  /** Has the store refuse to renew any lease from now on. */
  refuseRenewals(): Promise<void>;
}
