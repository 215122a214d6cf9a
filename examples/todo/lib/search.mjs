// OpenSearch: which items contain some words. It answers with ids only. What a user sees of them still comes
// through row-level security, so a stale index can hide a row but never leak one.

const MAX_HITS = 50;

const MAPPING = {
  properties: {
    owner: { type: 'keyword' },
    title: { type: 'text' },
    files: { type: 'text' },
  },
};

export function createSearch({ url, index }) {
  return {
    /** Tells the index that `owner` is a whole word. The index itself is made by the platform. */
    prepare: () => call('PUT', `${index}/_mapping`, MAPPING),

    /** Adds an item or brings it up to date. It can be found when this returns. */
    put: (user, todo) =>
      call('PUT', `${index}/_doc/${todo.id}?refresh=true`, {
        owner: user.id,
        title: todo.title,
        // The standard analyser keeps `notes.txt` as one word; people look for `notes`.
        files: todo.attachments.map(({ name }) => name.replace(/[._-]+/g, ' ')),
      }),

    remove: (id) => call('DELETE', `${index}/_doc/${id}?refresh=true`),

    /** Ids of the user's items with all of these words, best first. */
    async find(user, words) {
      const { hits } = await call('POST', `${index}/_search`, {
        size: MAX_HITS,
        _source: false,
        query: {
          bool: {
            filter: { term: { owner: user.id } },
            must: {
              multi_match: {
                query: words,
                fields: ['title', 'files'],
                type: 'cross_fields',
                operator: 'and',
              },
            },
          },
        },
      });
      return hits.hits.map((hit) => hit._id);
    },

    /** Whether the index is there. */
    check: () => call('GET', `${index}/_count`),
  };

  async function call(method, path, body) {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    // Deleting what is not there is fine: it is gone.
    if (response.ok || (method === 'DELETE' && answer.result === 'not_found')) return answer;
    throw new Error(`OpenSearch: ${response.status} ${answer.error?.reason ?? ''}`);
  }
}
