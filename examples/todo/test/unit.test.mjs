// What can be told without any service: `npm test`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cleanName, disposition } from '../lib/attachments.mjs';
import { readEnvironment, SetupError } from '../lib/env.mjs';
import { health } from '../lib/health.mjs';
import { cookie, parseCookies, sameSecret } from '../lib/http.mjs';
import { inOrder, pending, readMigrations } from '../lib/migrations.mjs';
import { escape, html, listPage } from '../lib/page.mjs';

const COMPLETE = {
  DATABASE_URL: 'postgresql://todo_app:x@localhost/plattr',
  POSTGREST_URL: 'http://localhost:3001/',
  S3_BUCKET_ATTACHMENTS: 'todo-attachments',
  AWS_REGION: 'us-east-1',
  AUTH_ISSUER_URL: 'http://localhost:8080/realms/todo',
  AUTH_CLIENT_ID: 'todo',
  AUTH_CLIENT_SECRET: 'x',
  REDIS_URL: 'redis://localhost',
  REDIS_PREFIX: 'todo:',
  OPENSEARCH_URL: 'http://localhost:9200',
  OPENSEARCH_INDEX_PREFIX: 'todo-',
};

test('a complete environment is read', () => {
  const env = readEnvironment(COMPLETE);
  assert.equal(env.appUrl, 'http://localhost:3000');
  assert.equal(env.host, undefined);
  assert.equal(readEnvironment({ ...COMPLETE, LISTEN_HOST: '127.0.0.1' }).host, '127.0.0.1');
  assert.equal(env.rows.url, 'http://localhost:3001');
  assert.equal(env.search.index, 'todo-todos');
});

test('PostgREST beside the application is preferred', () => {
  const env = readEnvironment({ ...COMPLETE, POSTGREST_INTERNAL_URL: 'http://127.0.0.1:3001' });
  assert.equal(env.rows.url, 'http://127.0.0.1:3001');
});

test('everything missing is named, and how to get it', () => {
  const { REDIS_URL, POSTGREST_URL, ...incomplete } = COMPLETE;
  assert.throws(
    () => readEnvironment(incomplete),
    (error) => {
      assert(error instanceof SetupError);
      assert.match(error.message, /^REDIS_URL, POSTGREST_URL not set/);
      assert.match(error.message, /plattr run -- npm start/);
      return true;
    },
  );
});

test('text cannot leave its element or attribute', () => {
  assert.equal(escape(`<a href="x" title='y'>&`), '&#60;a href=&#34;x&#34; title=&#39;y&#39;&#62;&#38;');
});

test('values in a template are escaped once, templates in it are kept', () => {
  assert.equal(String(html`<b>${'<i>'}</b>${[html`<hr />`, '&']}${undefined}${0}`), '<b>&#60;i&#62;</b><hr />&#38;0');
});

test('a hostile title, file name, user name or search is only text on the page', () => {
  const evil = '"><script>alert(1)</script>';
  const todo = { id: '1', title: evil, done: false, attachments: [{ id: '2', name: evil, size: 1 }] };
  const page = listPage({
    user: { name: evil, csrf: 'c' },
    todos: [todo],
    count: { open: 1, cached: false },
    query: evil,
  });
  assert.doesNotMatch(String(page), /<script/);
});

test('cookies are parsed, strange ones are skipped', () => {
  const cookies = parseCookies('a=1; session=x=y ;broken; =z; a=2');
  assert.deepEqual(
    [...cookies],
    [
      ['a', '1'],
      ['session', 'x=y'],
    ],
  );
  assert.equal(parseCookies(undefined).size, 0);
});

test('cookies are out of reach of scripts and foreign posts', () => {
  assert.equal(
    cookie('s', 'v', { secure: true, seconds: 5 }),
    's=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=5; Secure',
  );
  assert.match(cookie('s', '', { secure: false }), /Max-Age=0$/);
});

test('secrets are equal only to themselves', () => {
  assert(sameSecret('abc', 'abc'));
  assert(!sameSecret('abc', 'abd'));
  assert(!sameSecret(null, 'abc'));
});

test('a file name loses its path and what cannot be seen', () => {
  assert.equal(cleanName('C:\\tmp\\a.txt'), 'a.txt');
  assert.equal(cleanName('../../etc/passwd'), 'passwd');
  assert.equal(cleanName('a\r\nb\u202Egpj.exe'), 'abgpj.exe');
  assert.equal(cleanName('/'), 'file');
});

test('a file name cannot leave its header', () => {
  assert.equal(disposition('a"b\\c.txt'), `attachment; filename="a_b_c.txt"; filename*=UTF-8''a%22b%5Cc.txt`);
  assert.equal(disposition("né'(1).pdf"), `attachment; filename="n_'(1).pdf"; filename*=UTF-8''n%C3%A9%27%281%29.pdf`);
});

test('migrations run in the order of their numbers', () => {
  assert.deepEqual(inOrder(['0010_c.sql', 'README.md', '0002_b.sql', '0001_a.sql']), [
    '0001_a.sql',
    '0002_b.sql',
    '0010_c.sql',
  ]);
  assert.throws(() => inOrder(['0001_a.sql', '0001_b.sql']), /same number/);
  assert.throws(() => inOrder(['1_a.sql']), /four digits/);
});

test('only migrations that have not run are pending', () => {
  const [a, b] = [
    { name: '0001_a.sql', checksum: 'x' },
    { name: '0002_b.sql', checksum: 'y' },
  ];
  assert.deepEqual(pending([a, b], []), [a, b]);
  assert.deepEqual(pending([a, b], [a]), [b]);
  assert.throws(() => pending([a, b], [{ ...a, checksum: 'z' }]), /changed after it ran/);
  assert.throws(() => pending([a, b], [b]), /comes before/);
});

test('the migrations of this application can be read', async () => {
  const migrations = await readMigrations(new URL('../migrations/', import.meta.url));
  assert.equal(migrations[0].name, '0001_todos.sql');
  assert.match(migrations[0].checksum, /^[0-9a-f]{64}$/);
});

test('one failing service makes the whole unhealthy, without saying why', async (t) => {
  t.mock.method(console, 'error', () => {});
  const report = await health({
    cache: async () => 'PONG',
    search: async () => {
      throw new Error('secret');
    },
  });
  assert.deepEqual(report, { ok: false, services: { cache: 'ok', search: 'failing' } });
});
