const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * A duration as Vault takes it: seconds, or a text such as `1h30m`. Gives seconds; `undefined` for anything else.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function parseSeconds(given: unknown): number | undefined {
  if (typeof given === 'number') return given;
  if (typeof given !== 'string' || given === '') return undefined;
  if (/^\d+$/.test(given)) return Number(given);
  if (!/^(\d+[smhd])+$/.test(given)) return undefined;
  const parts = [...given.matchAll(/(\d+)([smhd])/g)];
  return parts.reduce((sum, [, digits, unit = '']) => sum + Number(digits) * (units[unit] ?? 0), 0);
}
