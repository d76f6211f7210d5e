import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What is read and thrown away for the sake of a connection that can be used again, in bytes. */
const mostDiscarded = 64 * 1024;
/** How long a client that is still sending may take to notice its answer, in milliseconds. */
const lingerMs = 1_000;

/** Whether there may be more of a request's body to come than is worth waiting for, once it is answered. */
export function leavesBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && Number(length) > mostDiscarded;
}

/** Whether a connection ends in the way of `lingerAfter`, or is about to. */
export function isLingering(socket: Socket): boolean {
  return Object.hasOwn(socket, 'destroySoon');
}

/**
 * When its last answer is out, this connection is closed for writing alone, and what still arrives is thrown away for a
 * second at most: a socket that is destroyed with unread bytes resets the connection, and the client may lose its answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function lingerAfter(socket: Socket): void {
  if (isLingering(socket)) return;
  // This is what Node calls after an answer with `Connection: close`.
  socket.destroySoon = () => {
    if (socket.destroyed) return;
    socket.end();
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  };
}
