// The whole application in a real browser, with the real six services: `plattr run -- npm run test:browser`.
//
// It starts the server itself on a free port. The migrations must have run.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

const PASSWORD = 'localdev';
const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
// Sandboxing and background traffic are for people's browsers.
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Unique words, so that the test finds its own rows whatever else there is.
const mark = randomUUID().replaceAll('-', '');
const title = `Pack <b>bags</b> & "boxes" ${mark}`;
const file = { name: `ticket "1" né ${mark}.bin`, mimeType: 'application/octet-stream', buffer: randomBytes(100_000) };

let server;
let context;
let profile;
let page;
let base;

before(async () => {
  const port = await freePort();
  base = process.env.APP_URL || `http://localhost:${port}`;
  server = spawn(process.execPath, ['server.mjs'], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, PORT: String(port), APP_URL: base },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([
    once(createInterface(server.stdout), 'line'),
    once(server, 'exit').then(([code]) => assert.fail(`the server ended with ${code}`)),
  ]);
  assert.match(line, /^listening/);
  profile = await mkdtemp(join(tmpdir(), 'todo-browser-'));
  context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
});

after(async () => {
  await context?.close();
  if (profile) await rm(profile, { recursive: true, force: true });
  if (server && server.exitCode === null) {
    server.kill();
    await once(server, 'exit');
  }
});

test('all six services are healthy', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.equal(response.status, 200, await response.text());
});

test('nobody gets past the sign-in page without signing in', async () => {
  await page.goto(base);
  assert.equal(await page.getByRole('button', { name: 'Add' }).count(), 0);
  const response = await fetch(`${base}/todos`, { method: 'POST', body: new URLSearchParams({ title }) });
  assert.equal(response.status, 401);
});

test('an answer that this browser did not ask for is refused', async () => {
  const response = await fetch(`${base}/callback?code=x&state=y`, { redirect: 'manual' });
  assert.equal(response.status, 400);
});

test('alice signs in at Keycloak', async () => {
  await signIn('alice');
  await page.getByText('Signed in as Alice').waitFor();
  const session = (await context.cookies(base)).find(({ name }) => name === 'session');
  assert(session.httpOnly);
  assert.equal(session.sameSite, 'Lax');
});

test('she adds an item, which is shown as she wrote it', async () => {
  await page.getByLabel('New item').fill(title);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await item().waitFor();
  assert.equal(await item().locator('.title').textContent(), title);
});

test('the count is fresh after a write and cached after that', async () => {
  // Adding redirected to the list, which counted; this is the second look.
  await page.goto(base);
  assert.match(await page.locator('#count').textContent(), /open \(cached\)/);
  const before = await openCount();
  await page.getByRole('button', { name: `Finish ${title}` }).click();
  await page.getByRole('button', { name: `Reopen ${title}` }).waitFor();
  assert.match(await page.locator('#count').textContent(), /open \(fresh\)/);
  assert.equal(await openCount(), before - 1);
});

test('she attaches a file and gets the same bytes back', async () => {
  await item().getByText('Attach a file').click();
  await item().getByLabel(`File for ${title}`).setInputFiles(file);
  await item().getByRole('button', { name: 'Attach', exact: true }).click();
  const link = item().getByRole('link', { name: file.name });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.deepEqual(await readFile(await download.path()), file.buffer);
});

test('search finds it by its title and by the name of its file', async () => {
  for (const words of [`bags ${mark}`, `ticket ${mark}`]) {
    await search(words);
    await item().waitFor();
    assert.equal(await page.locator('.todos > li').count(), 1);
  }
});

test('a form without the token of its session is refused', async () => {
  const response = await page.request.post(`${base}/todos`, { form: { title: 'forged' } });
  assert.equal(response.status(), 403);
});

test('bob sees none of it', async () => {
  const theirs = await item().getByRole('link', { name: file.name }).getAttribute('href');
  const id = (await item().locator('form').first().getAttribute('action')).split('/')[2];
  await signOut();
  await signIn('bob');
  await page.getByText('Signed in as Bob').waitFor();
  assert.equal(await page.getByText(mark).count(), 0);

  await search(mark);
  await page.getByText('Nothing was found.').waitFor();

  assert.equal((await page.request.get(base + theirs)).status(), 404);
  const csrf = await page.locator('input[name=csrf]').first().inputValue();
  for (const action of ['done', 'delete']) {
    const response = await page.request.post(`${base}/todos/${id}/${action}`, { form: { csrf, done: 'true' } });
    assert.equal(response.status(), 404, action);
  }
  const planted = await page.request.post(`${base}/todos/${id}/attachments`, { multipart: { csrf, file } });
  assert.equal(planted.status(), 400);
  await signOut();
});

test('alice deletes it, and search forgets it', async () => {
  await signIn('alice');
  await page.getByRole('button', { name: `Delete ${title}` }).click();
  await item().waitFor({ state: 'detached' });
  await search(mark);
  await page.getByText('Nothing was found.').waitFor();
  await signOut();
});

function item() {
  return page.locator('.todos > li').filter({ hasText: mark });
}

async function openCount() {
  return Number.parseInt(await page.locator('#count').textContent(), 10);
}

async function search(words) {
  await page.goto(base);
  await page.getByRole('searchbox', { name: 'Search' }).fill(words);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Show all').waitFor();
}

async function signIn(username) {
  await page.goto(base);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#kc-login').click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

async function signOut() {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
}

async function freePort() {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
