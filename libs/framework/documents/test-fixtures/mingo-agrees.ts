/**
 * Whether mingo reads a filter of a document as MongoDB does. It makes one array of all that a path finds behind an array, so
 * that it takes `{ 'a.b': [] }`, `$size` and the like for a question about that, and finds nothing missing in it.
 */
export function mingoAgrees(filter: object, value: unknown): boolean {
  return Object.entries(filter).every(([name, condition]: [string, unknown]) => {
    if (Array.isArray(condition) && ['$and', '$or', '$nor'].includes(name)) {
      return condition.every((each: object) => mingoAgrees(each, value));
    }
    const path = name.split('.');
    const end = at(value, path);
    // None on the way, and whatever stands at the end.
    if (arraysOn(value, path) === (Array.isArray(end) ? arraysOn(end, []) : 0)) return elementsAgree(condition, end);
    return isElementwise(condition) && arraysOn(value, path) === 1;
  });
}

function isElementwise(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null || condition instanceof Date) return condition !== null;
  const operators = Object.entries(condition as Record<string, unknown>);
  return (
    operators.length > 0 &&
    operators.every(([name, operand]) => {
      switch (name) {
        case '$eq':
        case '$ne':
          return operand instanceof Date || typeof operand !== 'object';
        case '$in':
        case '$nin':
          return (operand as unknown[]).every((each) => isElementwise(each));
        case '$not':
          return isElementwise(operand);
        default:
          return ['$gt', '$gte', '$lt', '$lte', '$regex', '$options'].includes(name);
      }
    })
  );
}

/** How many arrays a path leads through at most, with one at its end where there is another. */
function arraysOn(value: unknown, [first, ...rest]: readonly string[]): number {
  if (Array.isArray(value)) {
    if (first === undefined) return 1;
    return 1 + Math.max(0, ...value.map((each) => arraysOn(each, [first, ...rest])));
  }
  if (first === undefined || typeof value !== 'object' || value === null) return 0;
  return arraysOn((value as Record<string, unknown>)[first], rest);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((each, name) => (each as Record<string, unknown> | null | undefined)?.[name], value);
}

/** What `$elemMatch` asks of the elements is read by the same rules. `$all` is of arrays alone there. */
function elementsAgree(condition: unknown, value: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return true;
  const { $elemMatch, $not, $all } = condition as { $elemMatch?: object; $not?: object; $all?: unknown[] };
  if (!Array.isArray(value)) return $all === undefined && ($not === undefined || elementsAgree($not, value));
  if ($not) return elementsAgree($not, value);
  if (!$elemMatch || Object.keys($elemMatch).some((name) => ['$eq', '$ne', '$gt', '$lte'].includes(name))) return true;
  // Of what is no document it says something, too.
  return value.every((element) => isObject(element) && mingoAgrees($elemMatch, element));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
