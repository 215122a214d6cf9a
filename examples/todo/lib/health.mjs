// Whether each of the six services can be used from here.

const TIMEOUT_MS = 3000;

/** `checks` maps names to functions that throw. Why one failed is for the log, not for visitors. */
export async function health(checks) {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await withTimeout(check());
        return [name, 'ok'];
      } catch (error) {
        console.error(`health: ${name}:`, error.message);
        return [name, 'failing'];
      }
    }),
  );
  return { ok: results.every(([, result]) => result === 'ok'), services: Object.fromEntries(results) };
}

function withTimeout(promise) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
