// Runs the migrations that have not run yet: `plattr run -- npm run migrate`.

import postgres from 'postgres';

import { readMigrationEnvironment, run } from './lib/env.mjs';
import { pending, readMigrations } from './lib/migrations.mjs';

await run(async () => {
  const env = readMigrationEnvironment(process.env);
  const migrations = await readMigrations(new URL('migrations/', import.meta.url));
  const sql = postgres(env.url, { max: 1, onnotice: () => {} });
  try {
    // Two releases at once wait for each other. The lock is this session's and ends with it.
    await sql`SELECT pg_advisory_lock(hashtext(current_schema() || '.migrations'))`;
    await sql`
      CREATE TABLE IF NOT EXISTS migrations (
        name text PRIMARY KEY,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`;
    const todo = pending(migrations, await sql`SELECT name, checksum FROM migrations`);
    for (const { name, text, checksum } of todo) {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(text);
        await transaction`INSERT INTO migrations ${transaction({ name, checksum })}`;
      });
      console.log(`applied ${name}`);
    }
    // PostgREST keeps the shape of the schema in memory until it hears of a change.
    if (todo.length > 0) await sql.notify(`pgrst_${env.schema}`, 'reload schema');
    else console.log('nothing to apply');
  } finally {
    await sql.end();
  }
});
