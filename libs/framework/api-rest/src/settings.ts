import { defineSettings, port, size, text, variable, type Fragment } from '@org/config';

/** Where REST is served and what it takes. */
export interface RestSettings {
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** The address to listen on; `undefined` for all interfaces. */
  readonly host: string | undefined;
  /** The most bytes that the body of a request may have. */
  readonly bodyLimit: number;
}

/** The settings of `serveRest`; `port` is the service's own, from its block of ports. */
export function restSettings({ port: usual }: { port: number }): Fragment<RestSettings> {
  return defineSettings<RestSettings>({
    port: variable('PORT', port(), { description: 'The port that REST is served on.', default: String(usual) }),
    host: variable('HOST', text(), {
      description: 'The address that REST is served on; all interfaces when it is not set.',
      optional: true,
      example: '127.0.0.1',
    }),
    bodyLimit: variable('REST_BODY_LIMIT', size({ min: '1B', max: '1GiB' }), {
      description: 'The most that the body of a request may have.',
      default: '1MiB',
    }),
  });
}
