import { randomBytes } from 'node:crypto';

/** A made-up secret that occurs nowhere else, and the search for it in whatever comes out of a program. */
export interface Canary {
  /** The secret. It has characters that look different in a URL. */
  readonly value: string;
  /** The secret as it stands in a URL. */
  readonly inUrl: string;
  /** Tells whether a text holds it: as it is, in a URL, in base64 or in hexadecimal digits. */
  isIn(text: string): boolean;
  /** Keeps a text, and where it was seen, for `findings`. */
  see(where: string, text: string): void;
  /** What is wrong with what was seen: where the secret is, and where nothing at all was seen. */
  findings(): readonly string[];
}

/** Makes a secret that nothing else can hold by chance. */
export function createCanary(): Canary {
  const core = randomBytes(12).toString('hex');
  const value = `canary/${core}+?`;
  // Base64 looks at three bytes at a time: whatever precedes the secret shifts its digits.
  const inBase64 = [0, 1, 2].map((by) => Buffer.from(core.slice(by, by + 21)).toString('base64'));
  const shapes = [core, ...inBase64, Buffer.from(core).toString('hex')];
  const isIn = (text: string) => shapes.some((shape) => text.includes(shape));
  const found: string[] = [];
  return {
    value,
    inUrl: encodeURIComponent(value),
    isIn,
    see(where, text) {
      if (text.length === 0) found.push(`${where} is empty`);
      if (isIn(text)) found.push(`${where} holds the secret: ${excerpt(text)}`);
    },
    findings: () => found,
  };

  function excerpt(text: string): string {
    const at = Math.min(...shapes.map((shape) => text.indexOf(shape)).filter((index) => index >= 0));
    return JSON.stringify(text.slice(Math.max(0, at - 120), at + 80));
  }
}
