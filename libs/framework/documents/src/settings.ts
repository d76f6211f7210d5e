import {
  connectionUrl,
  credentials,
  defineSettings,
  duration,
  integer,
  variable,
  type Credentials,
  type Fragment,
  type Secret,
} from '@org/config';
import type { DocumentAdapter } from './store.ts';

/** Where documents are kept, and what may be asked of it. */
export interface DocumentsSettings {
  /** Its protocol picks the adapter; `undefined`: in the database. */
  readonly url: Secret<string> | undefined;
  readonly credentials: Secret<Credentials> | undefined;
  /** How long the start waits for the server, and a connection for it, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long an operation may take, in milliseconds. */
  readonly operationTimeoutMs: number;
  readonly poolSize: number;
}

export interface DocumentAdapters {
  /** Those that the application ships with, besides JSONB in the database. */
  readonly adapters?: readonly DocumentAdapter[];
}

/** What stands for the database where it is named. */
export const databaseProtocol = 'database:';

/**
 * The settings of documents: `DOCUMENTS_URL` (default: the database), which takes the protocols of the adapters, and
 * `DOCUMENTS_…`, which are those of a server of their own; for the database its own hold.
 */
export function documentsSettings({ adapters = [] }: DocumentAdapters = {}): Fragment<DocumentsSettings> {
  const ports = Object.fromEntries(adapters.flatMap((adapter) => Object.entries(adapter.ports)));
  const [protocol = databaseProtocol] = Object.keys(ports);
  return defineSettings<DocumentsSettings>(
    {
      url: variable('DOCUMENTS_URL', connectionUrl({ protocols: [databaseProtocol, ...Object.keys(ports)] }), {
        description: 'Where documents are kept. Without it, and with `database:`, in tables of the database.',
        optional: true,
        example: protocol === databaseProtocol ? databaseProtocol : `${protocol}//documents:27017/orders`,
      }),
      credentials: variable('DOCUMENTS_CREDENTIALS', credentials(), {
        description: 'User and password at the server of `DOCUMENTS_URL`; those in the URL hold where there are none.',
        optional: true,
        example: 'vault:kv/orders/documents',
      }),
      connectTimeoutMs: variable('DOCUMENTS_CONNECT_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long the start waits for the server of `DOCUMENTS_URL`, and a connection for it.',
        default: '10s',
      }),
      operationTimeoutMs: variable('DOCUMENTS_OPERATION_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long an operation at that server may take, with waiting for a connection.',
        default: '30s',
      }),
      poolSize: variable('DOCUMENTS_POOL_SIZE', integer({ min: 1, max: 1_000 }), {
        description: 'How many connections to that server there are at most.',
        default: '10',
      }),
    },
    // The database has a connection of its own.
    { connections: adapters.length > 0 ? [{ kind: 'datastore', variable: 'DOCUMENTS_URL', ports }] : [] },
  );
}
