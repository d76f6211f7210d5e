import { BSON } from 'mongodb';

const { deserialize, serialize } = BSON;
type Document = Record<string, unknown>;

/** A command as a driver sends it. @see https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export interface Request {
  readonly id: number;
  readonly command: Document;
  /** Whether it is of the old kind, with which drivers greet a server. */
  readonly legacy: boolean;
}

const [reply, query, message] = [1, 2004, 2013];
const headerBytes = 16;

/** Takes whole messages from what has arrived, and gives what is left. */
export function readRequests(data: Buffer): { requests: Request[]; rest: Buffer } {
  const requests: Request[] = [];
  let rest = data;
  while (rest.length >= headerBytes && rest.length >= rest.readInt32LE(0)) {
    const length = rest.readInt32LE(0);
    requests.push(readRequest(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
  return { requests, rest };
}

function readRequest(data: Buffer): Request {
  const id = data.readInt32LE(4);
  const kind = data.readInt32LE(12);
  if (kind === query) {
    const name = data.indexOf(0, headerBytes + 4);
    return { id, command: documentAt(data, name + 9).document, legacy: true };
  }
  if (kind !== message) throw new Error(`Expected a message of the kind ${message}, got ${kind}`);
  let command: Document = {};
  for (let at = headerBytes + 4; at < data.length;) {
    const section = data.readUInt8(at);
    at += 1;
    if (section === 0) {
      const { document, end } = documentAt(data, at);
      command = { ...document, ...command };
      at = end;
      continue;
    }
    const end = at + data.readInt32LE(at);
    const nameEnd = data.indexOf(0, at + 4);
    const name = data.toString('utf8', at + 4, nameEnd);
    const documents: Document[] = [];
    for (at = nameEnd + 1; at < end;) {
      const read = documentAt(data, at);
      documents.push(read.document);
      at = read.end;
    }
    command = { ...command, [name]: documents };
  }
  return { id, command, legacy: false };
}

function documentAt(data: Buffer, at: number): { document: Document; end: number } {
  const end = at + data.readInt32LE(at);
  return { document: deserialize(data.subarray(at, end), { promoteBuffers: true }), end };
}

export function writeReply({ id, legacy }: Request, answer: Document): Buffer {
  const body = Buffer.from(serialize(answer));
  const before = legacy ? Buffer.alloc(20) : Buffer.alloc(5);
  if (legacy) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(headerBytes);
  header.writeInt32LE(headerBytes + before.length + body.length, 0);
  header.writeInt32LE(id, 8);
  header.writeInt32LE(legacy ? reply : message, 12);
  return Buffer.concat([header, before, body]);
}
