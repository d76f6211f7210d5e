import type { VaultCall, VaultReply } from './reply.ts';

/** A secrets engine or an auth method where it is mounted. */
export interface Mount {
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  readonly handle: (call: VaultCall) => VaultReply | Promise<VaultReply>;
  /** For what differs between making and changing: whether the path is there. */
  readonly exists?: (path: string) => boolean;
}

/** Which capabilities a policy gives at which pattern. */
export type Policy = Readonly<Record<string, readonly string[]>>;

export interface Namespace {
  /** Secrets engines by their path, such as `kv/`. */
  readonly mounts: Map<string, Mount>;
  /** Auth methods by their path, such as `approle/`. */
  readonly auths: Map<string, Mount>;
  readonly policies: Map<string, Policy>;
}

export interface Token {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly namespace: string;
  /** Where it was made, such as `auth/approle/login`. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly type: 'service' | 'batch';
  readonly renewable: boolean;
  readonly issuedAt: number;
  readonly ttlSeconds: number;
  /** From its making; 0 is none. */
  readonly maxTtlSeconds: number;
  /** Each renewal gives as much, without end; 0 is none. */
  readonly periodSeconds: number;
  /** `undefined` never expires. */
  expiresAt: number | undefined;
  /** 0 is without limit. */
  usesLeft: number;
  lastRenewalAt?: number;
}

export interface Lease {
  readonly id: string;
  readonly tokenId: string;
  readonly renewable: boolean;
  readonly issuedAt: number;
  readonly ttlSeconds: number;
  readonly maxTtlSeconds: number;
  /** Takes back what was leased. */
  readonly revoke: () => void | Promise<void>;
  expiresAt: number;
  lastRenewalAt?: number;
}

/** What was answered once and is kept for whoever has its token. */
export interface Wrapped {
  readonly body: unknown;
  readonly expiresAt: number;
  readonly createdAt: number;
  readonly ttlSeconds: number;
  readonly path: string;
}

export interface VaultState {
  /** Milliseconds since the epoch, of the double's own clock. */
  readonly now: () => number;
  readonly namespaces: Map<string, Namespace>;
  readonly tokens: Map<string, Token>;
  readonly leases: Map<string, Lease>;
  readonly wrapped: Map<string, Wrapped>;
}

/** The time to live that holds where nothing else is said: 768 hours. @see https://developer.hashicorp.com/vault/docs/concepts/tokens */
export const systemTtlSeconds = 2_764_800;

export function createState(now: () => number): VaultState {
  return { now, namespaces: new Map(), tokens: new Map(), leases: new Map(), wrapped: new Map() };
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();
