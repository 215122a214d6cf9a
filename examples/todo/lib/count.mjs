// Redis: how many items are open, kept for a minute. Writes forget it, so it is never wrong for long.

const SECONDS = 60;

export function createCount(redis, prefix, rows) {
  const key = (user) => `${prefix}open:${user.id}`;

  return {
    /** `{ open, cached }` */
    async get(user) {
      const kept = await redis.get(key(user));
      if (kept !== null) return { open: Number(kept), cached: true };
      const open = await rows.countOpen(user);
      await redis.set(key(user), String(open), { EX: SECONDS });
      return { open, cached: false };
    },

    /** To be called after every write. */
    forget: (user) => redis.del(key(user)),
  };
}
