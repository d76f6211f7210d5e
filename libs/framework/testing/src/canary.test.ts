import { expect, test } from 'vitest';
import { createCanary } from './canary.ts';

test('a canary is found in whatever shape it is', () => {
  const canary = createCanary();
  for (const before of ['', 'x', 'xx', 'xxx']) {
    const text = `${before}${canary.value}-and-more`;
    const bytes = Buffer.from(text);
    for (const shape of [text, encodeURIComponent(text), bytes.toString('base64'), bytes.toString('hex')]) {
      expect(canary.isIn(shape), shape).toBe(true);
    }
  }
  expect(canary.isIn(createCanary().value)).toBe(false);
});

test('what holds it is told with what stands around it, and so is what is empty', () => {
  const canary = createCanary();
  canary.see('a good place', 'nothing');
  canary.see('a line', `the password is ${canary.value}.`);
  canary.see('an answer', '');
  expect(canary.findings()).toEqual([
    expect.stringMatching(/^a line holds the secret: "the password is canary/),
    'an answer is empty',
  ]);
});
