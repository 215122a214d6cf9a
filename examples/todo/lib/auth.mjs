// Keycloak: sign-in with the authorization code flow and PKCE. Tokens never leave the server; the browser
// holds only the random name of its session, which lives in Redis.

import { randomBytes } from 'node:crypto';

import * as oidc from 'openid-client';

import { cookie, HttpError, parseCookies } from './http.mjs';

const SESSION_SECONDS = 12 * 60 * 60;
const SIGN_IN_SECONDS = 10 * 60;
// PostgREST refuses expired tokens, so they are renewed a little earlier.
const RENEW_BEFORE_SECONDS = 30;

const random = () => randomBytes(32).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

/** Reads what the issuer says about itself. Plain HTTP is for laptops, where the issuer's URL says so. */
export function discover({ issuer, clientId, clientSecret }) {
  const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  return oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, { execute });
}

export async function createAuth(settings, appUrl, redis, prefix) {
  const client = await discover(settings);
  const secure = appUrl.startsWith('https:');
  const redirectUri = `${appUrl}/callback`;
  const sessionKey = (id) => `${prefix}session:${id}`;
  const signInKey = (id) => `${prefix}sign-in:${id}`;

  return {
    /** Where the visitor signs in, and the cookie that ties the answer to this browser. */
    async signIn() {
      const id = random();
      const checks = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
      await redis.set(signInKey(id), JSON.stringify(checks), { EX: SIGN_IN_SECONDS });
      const url = oidc.buildAuthorizationUrl(client, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
      });
      return { location: url.href, cookies: [cookie('sign-in', id, { secure, seconds: SIGN_IN_SECONDS })] };
    },

    /** Turns the answer of the sign-in page into a session. Its name is new, so nobody can have planted it. */
    async finish(request) {
      const started = await redis.getDel(signInKey(parseCookies(request.headers.cookie).get('sign-in')));
      if (!started)
        throw new HttpError(400, 'This sign-in took too long or began in another browser. Please try again.');
      const { verifier, state, nonce } = JSON.parse(started);
      const answer = new URL(redirectUri);
      answer.search = new URL(request.url, appUrl).search;
      let tokens;
      try {
        tokens = await oidc.authorizationCodeGrant(client, answer, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
        });
      } catch (error) {
        console.error('sign-in refused:', error.message);
        throw new HttpError(400, 'The sign-in was not completed. Please try again.');
      }
      const id = random();
      await save(id, { ...session(tokens), csrf: random() });
      return [cookie('sign-in', '', { secure }), cookie('session', id, { secure, seconds: SESSION_SECONDS })];
    },

    /** The signed-in user of a request: `{ id, name, accessToken, csrf }`. Undefined for everyone else. */
    async user(request) {
      const id = parseCookies(request.headers.cookie).get('session');
      const stored = id && (await redis.get(sessionKey(id)));
      if (!stored) return undefined;
      const current = await fresh(id, JSON.parse(stored));
      return current && { id: current.sub, name: current.name, accessToken: current.accessToken, csrf: current.csrf };
    },

    /** Ends the session here, and says where it ends at Keycloak. */
    async signOut(request) {
      const id = parseCookies(request.headers.cookie).get('session');
      const stored = id && (await redis.getDel(sessionKey(id)));
      const parameters = { post_logout_redirect_uri: `${appUrl}/` };
      if (stored) parameters.id_token_hint = JSON.parse(stored).idToken;
      const url = oidc.buildEndSessionUrl(client, parameters);
      return { location: url.href, cookies: [cookie('session', '', { secure })] };
    },

    /** Whether Keycloak answers. */
    async check() {
      await discover(settings);
    },
  };

  async function save(id, value) {
    await redis.set(sessionKey(id), JSON.stringify(value), { EX: SESSION_SECONDS });
  }

  async function fresh(id, current) {
    if (current.expires - RENEW_BEFORE_SECONDS > now()) return current;
    try {
      const tokens = await oidc.refreshTokenGrant(client, current.refreshToken);
      const renewed = { ...current, ...session(tokens, current) };
      await save(id, renewed);
      return renewed;
    } catch (error) {
      // Signed out elsewhere, or away for too long. Anything else is for the error page.
      if (!(error instanceof oidc.ResponseBodyError)) throw error;
      await redis.del(sessionKey(id));
      return undefined;
    }
  }
}

function session(tokens, before = {}) {
  const claims = tokens.claims();
  return {
    sub: claims?.sub ?? before.sub,
    name: claims?.name ?? claims?.preferred_username ?? before.name,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    idToken: tokens.id_token ?? before.idToken,
    expires: now() + (tokens.expiresIn() ?? 60),
  };
}
