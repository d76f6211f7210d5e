import { connect } from 'node:tls';
import { ServiceError, type Code } from '@org/errors';
import { brokerUnavailable } from '@org/messaging';
import type { Location } from './location.ts';

/** Of a certificate that is not trusted, whatever it lacks. */
const certificateCodes =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS_CERT_|ERR_SSL_(?:TLSV1|SSLV3)_ALERT_)/;

/**
 * Says why a connection could not be made, and what to do about it. Whatever is not `unavailable` will not mend itself
 * within seconds.
 */
export async function explainConnection(thrown: unknown, location: Location, doing: string): Promise<ServiceError> {
  const error = thrown as Error & { code?: unknown };
  const code = typeof error.code === 'string' ? error.code : '';
  const { shown, username, virtualHost, secure } = location;
  const refused = ({ code: kind, reason }: { code: Code; reason: string }, why: string) =>
    new ServiceError(kind, `Cannot ${doing} at ${shown}: ${why}`, { reason, cause: error });

  if (code === 'ACCESS_REFUSED') {
    const why = `it refuses user \`${username}\` or the password. Set BROKER_CREDENTIALS, or user and password in BROKER_URL; \`guest\` is let in from the broker's own machine alone`;
    return refused({ code: 'unauthenticated', reason: 'BROKER_CREDENTIALS_REFUSED' }, why);
  }
  if (code === 'NOT_ALLOWED') {
    if (/refused for user|access to vhost/i.test(error.message) && !/not found/i.test(error.message)) {
      const why = `user \`${username}\` may not use virtual host \`${virtualHost}\`. Permit it (\`rabbitmqctl set_permissions\`), or name another one in the path of BROKER_URL`;
      return refused({ code: 'permission_denied', reason: 'BROKER_ACCESS_DENIED' }, why);
    }
    const why = `it has no virtual host \`${virtualHost}\`. Name one that is there in the path of BROKER_URL, or make it (\`rabbitmqctl add_vhost\`)`;
    return refused({ code: 'failed_precondition', reason: 'BROKER_VIRTUAL_HOST_UNKNOWN' }, why);
  }
  if (secure && certificateCodes.test(code)) {
    const why = `its certificate is not trusted here (${code}: ${error.message}). Name who signed it in NODE_EXTRA_CA_CERTS, and its own name in BROKER_URL`;
    return refused({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' }, why);
  }
  if (secure && /^(?:EPROTO|ERR_SSL_)/.test(code)) {
    const why =
      'it does not speak TLS on this port. Write `amqp:` instead of `amqps:` in BROKER_URL, or name the port that does';
    return refused({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' }, why);
  }
  const closed = ['CONN_CLOSE', 'READ_END', 'ECONNRESET', 'VERSION_MISMATCH'].includes(code);
  if (!secure && closed && (await speaksTls(location))) {
    const why = 'it speaks TLS on this port. Write `amqps:` instead of `amqp:` in BROKER_URL';
    return refused({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' }, why);
  }
  const why = `${error.message || code}. See that the broker runs, and that BROKER_URL leads to it`;
  return brokerUnavailable({ doing: `${doing} at ${shown}`, why, cause: error });
}

/** A server that speaks TLS closes a plain connection without a word: it is asked whether it does. */
function speaksTls({ hostname, port }: Location): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is sent; who it is does not matter.
    const socket = connect({ host: hostname, port, rejectUnauthorized: false });
    const end = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), 1_000);
    socket.once('secureConnect', () => end(true)).on('error', () => end(false));
  });
}
