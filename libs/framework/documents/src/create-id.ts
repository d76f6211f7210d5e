import { randomBytes } from 'node:crypto';

/**
 * An identifier that sorts by the time at which it was made.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7 (UUID version 7)
 */
export function createId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
