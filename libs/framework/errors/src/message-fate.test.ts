import { expect, test } from 'vitest';
import { codes, type Code } from './codes.ts';
import { messageFateByCode, type MessageFate } from './message-fate.ts';

test.each<[Code, MessageFate, string]>([
  ['cancelled', 'retry', 'whoever takes it next is not stopping'],
  ['unknown', 'retry', 'nothing says that it would fail again'],
  ['deadline_exceeded', 'retry', 'the next attempt may be faster'],
  ['resource_exhausted', 'retry', 'quotas are refilled'],
  ['aborted', 'retry', 'the conflict is over by then'],
  ['internal', 'retry', 'the fault may pass, or be repaired'],
  ['unavailable', 'retry', 'the dependency comes back'],
  ['unauthenticated', 'retry', 'credentials of the service are renewed'],
  ['invalid_argument', 'dead_letter', 'the message stays as wrong as it is'],
  ['not_found', 'dead_letter', 'what it speaks of is not there'],
  ['already_exists', 'dead_letter', 'what it makes is there'],
  ['permission_denied', 'dead_letter', 'somebody must grant it'],
  ['failed_precondition', 'dead_letter', 'somebody must repair the state first'],
  ['out_of_range', 'dead_letter', 'the message stays as wrong as it is'],
  ['unimplemented', 'dead_letter', 'this version cannot do it'],
  ['data_loss', 'dead_letter', 'what is lost stays lost'],
])('a message that fails with %s meets %s, since %s', (code, fate) => {
  expect(messageFateByCode[code]).toBe(fate);
});

test('has a row for each code', () => {
  expect(Object.keys(messageFateByCode).sort()).toEqual([...codes].sort());
});
