import { expect, test } from 'vitest';
import { findTypos, isOneEditAway } from './hints.ts';

test.each([
  ['DATABSE_URL', 'deleted'],
  ['DATABAASE_URL', 'inserted'],
  ['XDATABASE_URL', 'inserted in front'],
  ['DATABASE_URLS', 'inserted at the end'],
  ['DATABASE_URI', 'replaced'],
  ['DATABASE-URL', 'replaced in the middle'],
  ['DATAABSE_URL', 'swapped'],
  ['ADTABASE_URL', 'swapped in front'],
  ['DATABASE_ULR', 'swapped at the end'],
  ['DATABASE_UR', 'deleted at the end'],
])('%s is one edit away: one character is %s', (name) => {
  expect(isOneEditAway(name, 'DATABASE_URL')).toBe(true);
  expect(isOneEditAway('DATABASE_URL', name)).toBe(true);
});

test.each([
  'DATABASE_URL',
  'DATABAS_UR',
  'DATABASE_URLSS',
  'TADABASE_URL',
  'DATABASE_XXL',
  'BROKER_URL',
  '',
  'database_url',
])('%j is not', (name) => {
  expect(isOneEditAway(name, 'DATABASE_URL')).toBe(false);
  expect(isOneEditAway('DATABASE_URL', name)).toBe(false);
});

test('the shortest of words are compared as well', () => {
  expect(isOneEditAway('A', 'B')).toBe(true);
  expect(isOneEditAway('', 'A')).toBe(true);
  expect(isOneEditAway('AB', 'BA')).toBe(true);
  expect(isOneEditAway('AB', 'CD')).toBe(false);
  expect(isOneEditAway('AAB', 'ABA')).toBe(true);
});

test('only names that are set and that nobody reads are slips', () => {
  const environment = {
    PROT: '1',
    PORT_FIEL: '/x',
    PORTS: '',
    HOST_FILE: '/x',
    HOST: 'a',
    COST: undefined,
    HOME: '/root',
    PATH: '/bin',
  };
  expect(findTypos(environment, ['PORT', 'HOST'])).toEqual([
    { set: 'PROT', meant: 'PORT', variable: 'PORT' },
    { set: 'PORT_FIEL', meant: 'PORT_FILE', variable: 'PORT' },
  ]);
});
