// Gives the local test users something to do: `plattr run -- npm run seed`.
//
// Rows belong to the `sub` of a user, which only Keycloak knows. So this signs in as each of them, on the real
// sign-in page, and then writes as the application does: through PostgREST, under row-level security.
// It works only where these users and their documented password exist, which is on a laptop.

import { createClient } from '@redis/client';
import * as oidc from 'openid-client';

import { discover } from './lib/auth.mjs';
import { createCount } from './lib/count.mjs';
import { readEnvironment, run, SetupError } from './lib/env.mjs';
import { createRows } from './lib/rows.mjs';
import { createSearch } from './lib/search.mjs';

const PASSWORD = 'localdev';
const TODOS = {
  alice: ['Buy oat milk', 'Water the plants', 'Write to Bob about the trip'],
  bob: ['Repair the bicycle', 'Book a table for Friday'],
};

await run(async () => {
  const env = readEnvironment(process.env);
  const client = await discover(env.auth);
  const rows = createRows(env.rows);
  const search = createSearch(env.search);
  const redis = await createClient({ url: env.redis.url }).connect();
  const count = createCount(redis, env.redis.prefix, rows);
  await search.prepare();

  try {
    for (const [name, titles] of Object.entries(TODOS)) {
      const user = await signIn(client, name, `${env.appUrl}/callback`);
      const present = new Set((await rows.list(user)).map(({ title }) => title));
      const missing = titles.filter((title) => !present.has(title));
      for (const title of missing) await search.put(user, await rows.add(user, title));
      await count.forget(user);
      console.log(`${name}: ${missing.length} added, ${titles.length - missing.length} already there`);
    }
  } finally {
    await redis.close();
  }
});

/** Fills in the sign-in page as a browser would, and stops at the redirect back to the application. */
async function signIn(client, username, redirectUri) {
  const verifier = oidc.randomPKCECodeVerifier();
  const page = await fetch(
    oidc.buildAuthorizationUrl(client, {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  );
  const action = (await page.text()).match(/<form[^>]*\saction="([^"]+)"/)?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new SetupError(`Keycloak showed no sign-in page (status ${page.status})`);
  const answer = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: page.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; '),
    },
    body: new URLSearchParams({ username, password: PASSWORD }),
  });
  const location = answer.headers.get('location');
  if (!location?.startsWith(redirectUri)) {
    throw new SetupError(`cannot sign in as ${username}\n\nhint: seed data is for the local test users only`);
  }
  const tokens = await oidc.authorizationCodeGrant(client, new URL(location), { pkceCodeVerifier: verifier });
  return { id: tokens.claims().sub, accessToken: tokens.access_token };
}
