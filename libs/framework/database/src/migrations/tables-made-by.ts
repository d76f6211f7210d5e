import { sanitize } from '../summary.ts';

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const name = String.raw`${identifier}(?:\s*\.\s*${identifier})?`;
const statement = new RegExp(
  String.raw`\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?<made>${name})` +
    String.raw`|\bdrop\s+table\s+(?:if\s+exists\s+)?(?<gone>${name}(?:\s*,\s*${name})*)` +
    String.raw`|\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?<old>${name})\s+rename\s+to\s+(?<new>${identifier})`,
  'gi',
);

/** The tables that are there after these statements, as `to_regclass` takes them. */
export function tablesMadeBy(texts: readonly string[]): string[] {
  const tables = new Set<string>();
  for (const text of texts) {
    for (const { groups = {} } of sanitize(text).matchAll(statement)) {
      const { made, gone, old, new: renamed } = groups;
      if (made !== undefined) tables.add(normalize(made));
      for (const each of gone?.match(new RegExp(name, 'g')) ?? []) tables.delete(normalize(each));
      if (old === undefined || renamed === undefined) continue;
      tables.delete(normalize(old));
      tables.add(normalize(old.replace(new RegExp(`${identifier}$`), () => renamed)));
    }
  }
  return [...tables];
}

/** Quoted, and without the schema that is looked into anyway. */
function normalize(text: string): string {
  const parts = text.match(new RegExp(identifier, 'g')) ?? [];
  const quoted = parts.map((part) => (part.startsWith('"') ? part : `"${part.toLowerCase()}"`));
  return (quoted[0] === '"public"' ? quoted.slice(1) : quoted).join('.');
}
