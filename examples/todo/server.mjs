// The web server: which address does what. Each service has its own file in lib/.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { createClient } from '@redis/client';
import postgres from 'postgres';

import { cleanName, createAttachments, disposition, MAX_FILE_BYTES } from './lib/attachments.mjs';
import { createAuth } from './lib/auth.mjs';
import { createCount } from './lib/count.mjs';
import { readEnvironment, run } from './lib/env.mjs';
import { health } from './lib/health.mjs';
import { HttpError, readForm, redirect, sameSecret } from './lib/http.mjs';
import { errorPage, listPage, welcomePage } from './lib/page.mjs';
import { createRows } from './lib/rows.mjs';
import { createSearch } from './lib/search.mjs';

// Room for the other fields of the form that carries a file.
const MAX_FORM_BYTES = MAX_FILE_BYTES + 64 * 1024;

await run(async () => {
  const env = readEnvironment(process.env);
  const redis = createClient({ url: env.redis.url });
  redis.on('error', (error) => console.error('redis:', error.message));
  await redis.connect();

  const database = postgres(env.database.url, { max: 1, idle_timeout: 60 });
  const auth = await createAuth(env.auth, env.appUrl, redis, env.redis.prefix);
  const rows = createRows(env.rows);
  const attachments = createAttachments(env.attachments);
  const count = createCount(redis, env.redis.prefix, rows);
  const search = createSearch(env.search);
  await search.prepare();

  const checks = {
    postgres: () => database`SELECT 1`,
    postgrest: rows.check,
    storage: attachments.check,
    auth: auth.check,
    cache: () => redis.ping(),
    search: search.check,
  };

  // Pages that anyone may ask for. The rest is in `pages` and `posts`, for signed-in users.
  const open = {
    'GET /healthz': async (request, response) => {
      const report = await health(checks);
      response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(report)}\n`);
    },
    'GET /style.css': async (request, response) => {
      response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' });
      await pipeline(createReadStream(new URL('public/style.css', import.meta.url)), response);
    },
    'GET /sign-in': async (request, response) => {
      const { location, cookies } = await auth.signIn();
      redirect(response, location, cookies);
    },
    'GET /callback': async (request, response) => redirect(response, '/', await auth.finish(request)),
  };

  const pages = {
    '/': async ({ user, response, url }) => {
      const query = url.searchParams.get('q')?.trim();
      const [todos, counted] = await Promise.all([
        query ? search.find(user, query).then((ids) => rows.byIds(user, ids)) : rows.list(user),
        count.get(user),
      ]);
      sendPage(response, 200, listPage({ user, todos, count: counted, query }));
    },
    '/attachments/:id': async ({ user, response, id }) => {
      const attachment = await rows.attachment(user, id);
      const file = await attachments.get(attachment);
      // A user's file is data, whatever it claims to be: it is saved, never shown as a page of this site.
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': attachment.size,
        'content-disposition': disposition(attachment.name),
      });
      await pipeline(file, response);
    },
  };

  const posts = {
    '/todos': async ({ user, form }) => {
      const title = String(form.get('title') ?? '').trim();
      if (!title) throw new HttpError(400, 'Please say what is to be done.');
      const todo = await rows.add(user, title);
      await count.forget(user);
      await search.put(user, todo);
    },
    '/todos/:id/done': async ({ user, form, id }) => {
      await rows.setDone(user, id, form.get('done') === 'true');
      await count.forget(user);
    },
    '/todos/:id/delete': async ({ user, id }) => {
      const todo = await rows.todo(user, id);
      await attachments.remove(user, todo.attachments);
      await rows.remove(user, id);
      await count.forget(user);
      await search.remove(id);
    },
    '/todos/:id/attachments': async ({ user, form, id }) => {
      const file = form.get('file');
      if (!(file instanceof File) || !file.name) throw new HttpError(400, 'Please choose a file.');
      if (file.size > MAX_FILE_BYTES) throw new HttpError(413, 'That file is too large.');
      // The row first: the database decides whether this item is the user's.
      const attachment = await rows.addAttachment(user, id, cleanName(file.name), file.size);
      try {
        await attachments.put(attachment, Buffer.from(await file.arrayBuffer()));
      } catch (error) {
        await rows.removeAttachment(user, attachment.id);
        throw error;
      }
      await search.put(user, await rows.todo(user, id));
    },
  };

  async function answer(request, response) {
    setSecurityHeaders(response);
    const url = new URL(request.url, env.appUrl);
    const handler = open[`${request.method} ${url.pathname}`];
    if (handler) return handler(request, response);

    const user = await auth.user(request);
    if (request.method === 'GET') {
      if (!user && url.pathname === '/') return sendPage(response, 200, welcomePage());
      const { handle, id } = find(pages, url.pathname);
      if (!user) return redirect(response, '/');
      return handle({ user, response, url, id });
    }

    if (request.method !== 'POST') throw new HttpError(405, 'This cannot be done here.');
    if (!user) throw new HttpError(401, 'Please sign in first.');
    const form = await readForm(request, MAX_FORM_BYTES);
    // Another site could send the visitor's browser here with a form of its own; it cannot know this.
    if (!sameSecret(form.get('csrf'), user.csrf))
      throw new HttpError(403, 'That form is out of date. Please try again.');
    if (url.pathname === '/sign-out') {
      const { location, cookies } = await auth.signOut(request);
      return redirect(response, location, cookies);
    }
    const { handle, id } = find(posts, url.pathname);
    await handle({ user, form, id });
    redirect(response, '/');
  }

  function setSecurityHeaders(response) {
    // Chromium applies form-action to redirects too, and signing out ends at Keycloak.
    const formAction = `'self' ${new URL(env.auth.issuer).origin}`;
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; style-src 'self'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
    );
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'same-origin');
    response.setHeader('cache-control', 'no-store');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      const known = error instanceof HttpError;
      if (!known) console.error(request.method, request.url, error);
      if (response.headersSent) return response.destroy();
      const message = known ? error.message : 'A service did not answer as it should. The log says more.';
      sendPage(response, known ? error.status : 502, errorPage(known ? error.status : 502, message));
    });
  });

  server.listen(env.port, env.host, () => console.log(`listening on ${env.appUrl}`));

  const stop = () => {
    server.close(async () => {
      await Promise.all([redis.close(), database.end()]);
      attachments.close();
    });
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
});

/** The handler of a path, where `:id` in a route stands for one part of it. */
function find(routes, pathname) {
  for (const [route, handle] of Object.entries(routes)) {
    const match = pathname.match(new RegExp(`^${route.replace(':id', '(?<id>[^/]+)')}$`));
    if (match) return { handle, id: match.groups?.id };
  }
  throw new HttpError(404, 'There is no such page.');
}

function sendPage(response, status, page) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(String(page));
}
