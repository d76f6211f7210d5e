import { defineSettings, duration, url, variable, type Fragment } from '@org/config';

/** Where a service is, and how long calls to it may take. */
export interface ClientSettings {
  /** Its base URL, such as `http://orders:3000`; paths of operations follow it. */
  readonly url: string;
  /** How long a call may take with all its retries, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ClientSettingsOptions {
  /** The name of the service that is called, in kebab-case. */
  readonly name: string;
  /** What the variables begin with. Default: the name, so that `example-service` has `EXAMPLE_SERVICE_URL`. */
  readonly prefix?: string;
  /** Where it is in development, such as `http://localhost:3000`. In production the variable must be set. */
  readonly url?: string;
}

/** The settings of a client: `<NAME>_URL` and `<NAME>_TIMEOUT` (default: `10s`). */
export function clientSettings({
  name,
  prefix = name.toUpperCase().replaceAll('-', '_'),
  url: usual,
}: ClientSettingsOptions): Fragment<ClientSettings> {
  return defineSettings<ClientSettings>(
    {
      url: variable(`${prefix}_URL`, url(), {
        description: `Where ${name} is called: its base URL.`,
        ...(usual === undefined ? { example: `http://${name}:3000` } : { default: usual, embedded: true }),
      }),
      timeoutMs: variable(`${prefix}_TIMEOUT`, duration({ min: '1ms' }), {
        description: `How long a call of ${name} may take, with all its retries.`,
        default: '10s',
      }),
    },
    { connections: [{ kind: 'service', variable: `${prefix}_URL`, ports: { 'http:': 80, 'https:': 443 } }] },
  );
}
