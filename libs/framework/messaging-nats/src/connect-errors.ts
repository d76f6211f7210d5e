import { ServiceError } from '@org/errors';
import { brokerUnavailable } from '@org/messaging';

const doing = (place: string) => `connect to the broker at ${place}`;

/** Why a connection could not be opened, and what to do about it. */
export function connectError(thrown: unknown, place: string): ServiceError {
  const text = textOf(thrown);
  if (/authorization|authentication|nkey|jwt|credential/i.test(text)) return credentialsRefused(thrown, place);
  if (/tls|ssl|certificate|self[- ]signed|EPROTO|ERR_OSSL|altname/i.test(text)) return tlsMismatch(thrown, place);
  if (/doesn't exist|ENOENT|EACCES: /i.test(text)) {
    const message = `Cannot ${doing(place)}: a file that BROKER_URL names cannot be read. See that it is there, and that the service may read it`;
    return new ServiceError('failed_precondition', message, { reason: 'BROKER_FILE_UNREADABLE', cause: thrown });
  }
  const why = `no NATS server answers there (${text.slice(0, 200)}). See that it is running, or set BROKER_URL`;
  return brokerUnavailable({ doing: doing(place), why, cause: thrown });
}

/** Whether trying again soon may go better. */
export function isPassing(error: ServiceError): boolean {
  return error.code === 'unavailable';
}

export function jetStreamDisabled(place: string, cause?: unknown): ServiceError {
  const message = `Cannot ${doing(place)}: it has no JetStream for this account. Start it with \`nats-server --jetstream\`, or enable it for the account`;
  return new ServiceError('failed_precondition', message, {
    reason: 'BROKER_JETSTREAM_DISABLED',
    ...(cause !== undefined && { cause }),
  });
}

export function versionUnsupported(place: string, version: string): ServiceError {
  const message = `Cannot ${doing(place)}: it is nats-server ${version.slice(0, 20)}, and 2.9 is the oldest that keeps what is promised. Upgrade it`;
  return new ServiceError('failed_precondition', message, { reason: 'BROKER_VERSION_UNSUPPORTED' });
}

function credentialsRefused(cause: unknown, place: string): ServiceError {
  const message = `Cannot ${doing(place)}: it does not take the credentials. Set BROKER_CREDENTIALS, or user and password in BROKER_URL`;
  return new ServiceError('unauthenticated', message, { reason: 'BROKER_CREDENTIALS_REFUSED', cause });
}

function tlsMismatch(cause: unknown, place: string): ServiceError {
  const message = `Cannot ${doing(place)}: TLS does not fit (${textOf(cause).slice(0, 200)}). Say \`tls://\` where the broker has TLS and \`nats://\` where it has none; name its authority by \`?ca=FILE\` or NODE_EXTRA_CA_CERTS`;
  return new ServiceError('failed_precondition', message, { reason: 'BROKER_TLS_MISMATCH', cause });
}

/** The messages of an error and of what caused it. */
function textOf(thrown: unknown): string {
  const texts: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    const { code } = error as NodeJS.ErrnoException;
    const text =
      typeof code === 'string' && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
    if (!texts.includes(text)) texts.push(text);
  }
  return texts.join(': ') || String(thrown);
}
