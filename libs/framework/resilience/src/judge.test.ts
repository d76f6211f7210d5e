import { ServiceError, codes, type Code } from '@org/errors';
import { expect, test } from 'vitest';
import { blamesServer, judge } from './judge.ts';

const failures: readonly Code[] = ['unavailable', 'deadline_exceeded', 'internal', 'unknown', 'data_loss'];

test.each(codes)('the circuit counts %s by what it says about the server', (code) => {
  const expected = code === 'cancelled' ? 'unknown' : failures.includes(code) ? 'failed' : 'answered';
  expect(judge(new ServiceError(code, 'x'), { hadItsTime: true, when: blamesServer })).toBe(expected);
});

test('the circuit does not count the time-out of an attempt that had little time', () => {
  const timedOut = new ServiceError('deadline_exceeded', 'x');
  expect(judge(timedOut, { hadItsTime: false, when: blamesServer })).toBe('unknown');
});
