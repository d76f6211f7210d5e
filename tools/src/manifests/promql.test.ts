import { expect, test } from 'vitest';
import { scopeToJob } from './promql.ts';

test.each([
  ['a metric alone', 'up == 0', 'up{job="orders"} == 0'],
  ['a metric with a range', 'rate(errors_total[5m])', 'rate(errors_total{job="orders"}[5m])'],
  ['matchers', 'requests{code=~"5.."}', 'requests{job="orders",code=~"5.."}'],
  ['no matchers', 'requests{}', 'requests{job="orders"}'],
  ['a selector without a metric', '{overflow="true"}', '{job="orders",overflow="true"}'],
  ['a brace in a value', 'requests{path="/{id}"}', 'requests{job="orders",path="/{id}"}'],
  [
    'a recorded metric',
    'job:errors:ratio_rate5m > 14.4 * 0.001',
    'job:errors:ratio_rate5m{job="orders"} > 14.4 * 0.001',
  ],
  ['labels to sum by', 'sum by (job, le) (size)', 'sum by (job, le) (size{job="orders"})'],
  ['labels after what is summed', 'sum(size) without (le)', 'sum(size{job="orders"}) without (le)'],
  ['both sides', 'a / on (job) group_left (x) b', 'a{job="orders"} / on (job) group_left (x) b{job="orders"}'],
  [
    'words of the language',
    'a and b OR c unless d',
    'a{job="orders"} and b{job="orders"} OR c{job="orders"} unless d{job="orders"}',
  ],
  ['names that begin with such a word', 'order_total > and_more', 'order_total{job="orders"} > and_more{job="orders"}'],
  [
    'functions, numbers and texts',
    'label_replace(a, "b", "$1", "c", "(.+)") - time() < 14 * 86400',
    'label_replace(a{job="orders"}, "b", "$1", "c", "(.+)") - time() < 14 * 86400',
  ],
  ['a subquery and an offset', 'increase(a[10m:1m] offset 1h)', 'increase(a{job="orders"}[10m:1m] offset 1h)'],
  ['Inf and NaN', 'a < +Inf or a != NaN', 'a{job="orders"} < +Inf or a{job="orders"} != NaN'],
])('an expression is narrowed to one job: %s', (_, expression, scoped) => {
  expect(scopeToJob(expression, 'orders')).toBe(scoped);
});
