// The variables that plattr gives this application, read once and checked at the start.

const SERVER = [
  'DATABASE_URL',
  'S3_BUCKET_ATTACHMENTS',
  'AWS_REGION',
  'AUTH_ISSUER_URL',
  'AUTH_CLIENT_ID',
  'AUTH_CLIENT_SECRET',
  'REDIS_URL',
  'REDIS_PREFIX',
  'OPENSEARCH_URL',
  'OPENSEARCH_INDEX_PREFIX',
];

/** A message for a person; no stack trace helps with it. */
export class SetupError extends Error {}

/** What the server needs to know, by service. Throws a SetupError that names everything missing. */
export function readEnvironment(env) {
  // Where PostgREST runs beside the application, its inner address is the shorter way.
  const postgrest = env.POSTGREST_INTERNAL_URL || env.POSTGREST_URL;
  const missing = SERVER.filter((name) => !env[name]);
  if (!postgrest) missing.push('POSTGREST_URL');
  refuse(missing, 'npm start');

  const port = Number(env.PORT || 3000);
  return {
    port,
    // Every address of the machine, as a container needs it, unless it is said.
    host: env.LISTEN_HOST || undefined,
    // Where browsers see this application. Sign-in comes back to it.
    appUrl: trim(env.APP_URL || `http://localhost:${port}`),
    database: { url: env.DATABASE_URL },
    rows: { url: trim(postgrest) },
    attachments: {
      bucket: env.S3_BUCKET_ATTACHMENTS,
      region: env.AWS_REGION,
      // Not set on AWS, where the SDK knows the endpoint; it finds keys by itself everywhere.
      endpoint: env.S3_ENDPOINT || undefined,
      forcePathStyle: env.S3_FORCE_PATH_STYLE === 'true',
    },
    auth: { issuer: env.AUTH_ISSUER_URL, clientId: env.AUTH_CLIENT_ID, clientSecret: env.AUTH_CLIENT_SECRET },
    redis: { url: env.REDIS_URL, prefix: env.REDIS_PREFIX },
    search: { url: trim(env.OPENSEARCH_URL), index: `${env.OPENSEARCH_INDEX_PREFIX}todos` },
  };
}

/** What the migrations need to know. */
export function readMigrationEnvironment(env) {
  const needed = ['MIGRATION_DATABASE_URL', 'DATABASE_SCHEMA'];
  refuse(
    needed.filter((name) => !env[name]),
    'npm run migrate',
  );
  return { url: env.MIGRATION_DATABASE_URL, schema: env.DATABASE_SCHEMA };
}

/** Runs a program, telling what was wrong with its setup in one line instead of a stack trace. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? `error: ${error.message}` : error);
    process.exit(1);
  }
}

function refuse(missing, command) {
  if (missing.length > 0) {
    throw new SetupError(`${missing.join(', ')} not set\n\nhint: start it with \`plattr run -- ${command}\``);
  }
}

function trim(url) {
  return url.replace(/\/+$/, '');
}
