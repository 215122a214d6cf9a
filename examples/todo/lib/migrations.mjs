// Which migrations there are, and which of them have yet to run.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

import { SetupError } from './env.mjs';

/** The migrations of a folder, in order: `{ name, text, checksum }`. */
export async function readMigrations(folder) {
  const names = inOrder(await readdir(folder));
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Names of migrations by their number. Two with the same one would run in an order of chance. */
export function inOrder(names) {
  const sorted = names.filter((name) => name.endsWith('.sql')).sort();
  sorted.forEach((name, at) => {
    if (!/^\d{4}_/.test(name)) throw new SetupError(`migrations/${name}: the name must start with four digits and _`);
    if (sorted[at - 1]?.slice(0, 4) === name.slice(0, 4)) {
      throw new SetupError(`migrations/${sorted[at - 1]} and ${name} have the same number`);
    }
  });
  return sorted;
}

/** Those that have not run. A migration that ran must stay as it was, and none may come in before it. */
export function pending(migrations, applied) {
  const checksums = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const last = [...checksums.keys()].sort().at(-1) ?? '';
  return migrations.filter(({ name, checksum }) => {
    const before = checksums.get(name);
    if (before === undefined && name < last)
      throw new SetupError(`migrations/${name} comes before ${last}, which has run`);
    if (before !== undefined && before !== checksum) {
      throw new SetupError(`migrations/${name} was changed after it ran\n\nhint: put the change into a new migration`);
    }
    return before === undefined;
  });
}
