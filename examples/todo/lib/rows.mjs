// PostgreSQL through PostgREST. Every request carries the user's own access token, so row-level security
// decides what it may see and change: there is no `where owner = …` in this file to forget.

import { HttpError } from './http.mjs';

const COLUMNS = 'id,title,done,attachments(id,name,size)';

export function createRows({ url }) {
  return {
    /** All to-do items of the user, open ones first. */
    list: (user) => get(user, `todos?select=${COLUMNS}&order=done,created_at.desc&attachments.order=created_at`),

    /** One item, or a 404. */
    todo: async (user, id) => one(await get(user, `todos?select=${COLUMNS}&id=eq.${uuid(id)}`)),

    /** Those of the items with these ids that the user may see, in the order of the ids. */
    async byIds(user, ids) {
      if (ids.length === 0) return [];
      const found = await get(user, `todos?select=${COLUMNS}&id=in.(${ids.map(uuid).join()})`);
      return found.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    },

    /** How many items are still open. */
    async countOpen(user) {
      const response = await ask(user, 'todos?done=is.false', { method: 'HEAD', prefer: 'count=exact' });
      return Number(response.headers.get('content-range').split('/')[1]);
    },

    add: async (user, title) => one(await write(user, 'POST', `todos?select=${COLUMNS}`, { title })),
    setDone: async (user, id, done) => one(await write(user, 'PATCH', `todos?id=eq.${uuid(id)}`, { done })),
    remove: async (user, id) => one(await write(user, 'DELETE', `todos?id=eq.${uuid(id)}`)),

    attachment: async (user, id) => one(await get(user, `attachments?id=eq.${uuid(id)}`)),
    addAttachment: async (user, todoId, name, size) =>
      one(await write(user, 'POST', 'attachments', { todo_id: uuid(todoId), name, size })),
    removeAttachment: async (user, id) => one(await write(user, 'DELETE', `attachments?id=eq.${uuid(id)}`)),

    /** Whether PostgREST answers. It may well refuse: nobody is signed in here. */
    async check() {
      const response = await fetch(`${url}/todos?limit=0`);
      await response.body?.cancel();
      if (response.status >= 500) throw new Error(`status ${response.status}`);
    },
  };

  async function get(user, path) {
    return (await ask(user, path, { method: 'GET' })).json();
  }

  async function write(user, method, path, row) {
    return (await ask(user, path, { method, row, prefer: 'return=representation' })).json();
  }

  async function ask(user, path, { method, row, prefer }) {
    const headers = { authorization: `Bearer ${user.accessToken}` };
    if (prefer) headers.prefer = prefer;
    if (row) headers['content-type'] = 'application/json';
    const response = await fetch(`${url}/${path}`, { method, headers, body: row && JSON.stringify(row) });
    if (response.ok) return response;
    const { code, message } = await response.json().catch(() => ({}));
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: class 23 is a broken constraint.
    if (code?.startsWith('23')) throw new HttpError(400, 'That could not be saved.');
    throw new Error(`PostgREST: ${response.status} ${code ?? ''} ${message ?? ''}`);
  }
}

/** The only row, or a 404: what the user may not see does not exist. */
function one(rows) {
  if (rows.length !== 1) throw new HttpError(404, 'There is no such thing here.');
  return rows[0];
}

/** Lets only UUIDs into a query, whose syntax is PostgREST's own. */
function uuid(text) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new HttpError(404, 'There is no such thing here.');
  }
  return text;
}
