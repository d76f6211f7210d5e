import type { Server, ServerOptions } from 'node:https';
import type { Secret } from '@org/config';
import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import { createInstruments } from '@org/metrics';
import { readPair, type TlsPair } from './tls-pair.ts';

export interface TlsSettings {
  /** In PEM: the server's own, then those that signed it. */
  readonly certificate: Secret<string>;
  /** In PEM, without a passphrase. */
  readonly key: Secret<string>;
}

/** A certificate in force, and the way to the next. */
export interface Tls {
  /** For `https.createServer`. */
  readonly options: ServerOptions;
  /**
   * From now on new connections get the certificate that the secrets hold; those that are there go on. A certificate and a
   * key that do not fit leave the last pair in force, and are logged unless the other half follows within the grace.
   */
  follow(server: Server): Disposable;
}

/** How long the two halves of a pair may come one after the other, in milliseconds. */
const defaultGraceMs = 30_000;
/** How long a client may take to agree on keys, in milliseconds. */
const handshakeTimeoutMs = 10_000;

/**
 * Reads the certificate and the key of a server. One that is not valid now serves all the same: to be without service would
 * be no better for clients, and those that check refuse it themselves. That is logged, and
 * `tls.server.certificate.not_after` says beforehand when it will be.
 *
 * @param options.graceMs How long the halves of a pair may be apart. Default: 30 000.
 * @throws {ServiceError} failed_precondition, TLS_CERTIFICATE_INVALID, when the two are not PEM or do not fit.
 */
export function createTls(
  { certificate, key }: TlsSettings,
  logger: Logger,
  { graceMs = defaultGraceMs }: { graceMs?: number } = {},
): Tls {
  const readNow = () => readPair(certificate.reveal(), key.reveal());
  let pair = firstPair(readNow);
  warnUnlessValid(pair, logger);

  return {
    options: { ...pair.context, handshakeTimeout: handshakeTimeoutMs },
    follow(server) {
      let complaint: NodeJS.Timeout | undefined;
      const update = () => {
        clearTimeout(complaint);
        try {
          const next = readNow();
          if (next.context.cert === pair.context.cert && next.context.key === pair.context.key) return;
          server.setSecureContext(next.context);
          pair = next;
          logger.info(describe(pair), 'Another TLS certificate is in force');
          warnUnlessValid(pair, logger);
        } catch (err) {
          // The other half may be on its way.
          complaint = setTimeout(() => {
            logger.error(
              { err, ...describe(pair) },
              'A changed TLS certificate is refused, the last good one stays in force',
            );
          }, graceMs).unref();
        }
      };
      // What a variable does not take is told by whoever reads the configuration.
      const stops = [certificate, key].map((secret) => secret.onChange(update, ignore));
      const stopObserving = observeExpiry(() => pair);
      update();
      return {
        [Symbol.dispose]() {
          clearTimeout(complaint);
          for (const stop of stops) stop();
          stopObserving();
        },
      };
    },
  };
}

function firstPair(read: () => TlsPair): TlsPair {
  try {
    return read();
  } catch (cause) {
    const message = `Cannot serve over TLS with REST_TLS_CERTIFICATE and REST_TLS_KEY: ${(cause as Error).message}`;
    throw new ServiceError('failed_precondition', message, { reason: 'TLS_CERTIFICATE_INVALID', cause });
  }
}

function ignore(): void {}

/** What whoever looks for a certificate knows it by. */
function describe({ leaf, notAfterMs }: TlsPair) {
  return {
    subject: leaf.subjectAltName ?? leaf.subject,
    serial: leaf.serialNumber,
    not_after: new Date(notAfterMs).toISOString(),
  };
}

function warnUnlessValid(pair: TlsPair, logger: Logger): void {
  const now = Date.now();
  const early = pair.leaf.validFromDate.getTime() > now;
  if (!early && pair.notAfterMs > now) return;
  logger.warn(
    describe(pair),
    `The TLS certificate is not valid ${early ? 'yet' : 'any more'}: clients that check it refuse it`,
  );
}

function observeExpiry(current: () => TlsPair): () => void {
  const gauge = createInstruments('@org/api-rest').observableGauge('tls.server.certificate.not_after', {
    description:
      'When the TLS certificate stops to be valid, in seconds since the epoch; of a chain, the first to do so.',
    unit: 's',
  });
  const observe: Parameters<typeof gauge.addCallback>[0] = (result) => result.observe(current().notAfterMs / 1000);
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}
