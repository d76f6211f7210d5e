import type { HealthReader } from '@org/health';
import type { Logger } from '@org/logging';

/** What the kernel tells whatever it opens. `Contract` is what the service promises, as `@org/contract` defines it. */
export interface Runtime<Contract = unknown> {
  /** Writes under the name of the resource that is being opened. */
  readonly logger: Logger;
  readonly service: ServiceIdentity;
  readonly contract: Contract;
  readonly health: HealthReader;
  /** Aborts when the service begins to stop: from then on a server tells its clients to go elsewhere. */
  readonly signal: AbortSignal;
}

/** Which service this is, and which build of it. */
export interface ServiceIdentity {
  readonly name: string;
  /** Of the build, from the image's environment; `0.0.0-dev` from source. */
  readonly version: string;
  /** The commit of the build; `undefined` from source. */
  readonly commit: string | undefined;
}
