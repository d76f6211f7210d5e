interface Lockfile {
  readonly packages: Readonly<Record<string, unknown>>;
}

/** Which packages of the workspace two texts of `package-lock.json` have otherwise, as a line; nothing when none. */
export function lockedDifferently(before: string | null, after: string | null): string[] {
  if (before === after || before === null || after === null) return [];
  const [old, young] = [before, after].map((text) => (JSON.parse(text) as Lockfile).packages);
  const paths = [...new Set([...Object.keys(old!), ...Object.keys(young!)])].filter(
    (path) => !path.includes('node_modules/') && JSON.stringify(old![path]) !== JSON.stringify(young![path]),
  );
  const named = paths.length > 0 ? paths.join(', ') : 'the links of the workspace';
  return [`package-lock.json: does not lock what package.json says in ${named}`];
}
