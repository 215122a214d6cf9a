// The page. Plain HTML and forms: it needs no JavaScript in the browser.

class Html extends String {}

/** A template whose values are escaped, unless they were made by `html` themselves. */
export function html(strings, ...values) {
  return new Html(strings.reduce((text, part, at) => text + render(values[at - 1]) + part));
}

function render(value) {
  if (value instanceof Html) return value;
  if (Array.isArray(value)) return value.map(render).join('');
  return value === undefined || value === false ? '' : escape(value);
}

/** Text as it may stand in an element or in a quoted attribute. */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

export function welcomePage() {
  return layout(
    'To-do',
    html`<main>
      <h1>To-do</h1>
      <p>A list of your own, with files and search.</p>
      <p><a class="button" href="/sign-in">Sign in</a></p>
    </main>`,
  );
}

export function errorPage(status, message) {
  return layout(
    'Something is wrong',
    html`<main>
      <h1>${status}</h1>
      <p role="alert">${message}</p>
      <p><a href="/">Back to the list</a></p>
    </main>`,
  );
}

/** The list. `query` is what was searched for, if anything was. */
export function listPage({ user, todos, count, query }) {
  const empty = query ? 'Nothing was found.' : 'Nothing to do yet.';
  return layout(
    'To-do',
    html`<header>
        <p>Signed in as <strong>${user.name}</strong></p>
        <form method="post" action="/sign-out">${token(user)}<button class="quiet">Sign out</button></form>
      </header>
      <main>
        <h1>To-do</h1>
        <p id="count">${count.open} open <small>(${count.cached ? 'cached' : 'fresh'})</small></p>
        <form class="row" method="post" action="/todos">
          ${token(user)}
          <label class="hidden" for="title">New item</label>
          <input
            id="title"
            name="title"
            maxlength="200"
            required
            placeholder="What is to be done?"
            autocomplete="off"
          />
          <button>Add</button>
        </form>
        <form class="row" role="search" action="/">
          <label class="hidden" for="q">Search</label>
          <input id="q" name="q" type="search" value="${query}" placeholder="Search titles and file names" />
          <button class="quiet">Search</button>
        </form>
        ${query && html`<p>Found for “${query}”. <a href="/">Show all</a></p>`}
        ${
          todos.length === 0
            ? html`<p>${empty}</p>`
            : html`<ul class="todos">
                ${todos.map((todo) => item(user, todo))}
              </ul>`
        }
      </main>`,
  );
}

function item(user, todo) {
  return html`<li class="${todo.done ? 'done' : 'open'}">
    <div class="row">
      <form method="post" action="/todos/${todo.id}/done">
        ${token(user)}<input type="hidden" name="done" value="${!todo.done}" />
        <button class="quiet" aria-label="${todo.done ? 'Reopen' : 'Finish'} ${todo.title}">
          ${todo.done ? '☑' : '☐'}
        </button>
      </form>
      <span class="title">${todo.title}</span>
      <form method="post" action="/todos/${todo.id}/delete">
        ${token(user)}<button class="quiet" aria-label="Delete ${todo.title}">Delete</button>
      </form>
    </div>
    ${
      todo.attachments.length > 0 &&
      html`<ul class="files">
        ${todo.attachments.map(
          ({ id, name, size }) => html`<li><a href="/attachments/${id}">${name}</a> <small>${size} bytes</small></li>`,
        )}
      </ul>`
    }
    <details>
      <summary>Attach a file</summary>
      <form class="row" method="post" action="/todos/${todo.id}/attachments" enctype="multipart/form-data">
        ${token(user)}
        <input type="file" name="file" required aria-label="File for ${todo.title}" />
        <button class="quiet">Attach</button>
      </form>
    </details>
  </li>`;
}

/** Proves that a form was made for this session. */
function token(user) {
  return html`<input type="hidden" name="csrf" value="${user.csrf}" />`;
}

function layout(title, body) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}
