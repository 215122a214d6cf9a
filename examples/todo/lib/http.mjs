// The little that node:http leaves to its users: cookies, forms, errors with a status.

import { timingSafeEqual } from 'node:crypto';

/** An error that the visitor may read. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The cookies of a request. The first of two with the same name counts, as RFC 6265 orders them. */
export function parseCookies(header = '') {
  const cookies = new Map();
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (name && equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}

/** A Set-Cookie header that scripts and foreign sites' posts do not get. Without seconds, it deletes. */
export function cookie(name, value, { secure, seconds = 0 }) {
  // Lax, not Strict: the sign-in page is another site and sends the visitor back with a plain GET.
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${seconds}`];
  if (secure) parts.push('Secure');
  return parts.join('; ');
}

/** The fields of a posted form, files included. `limit` is in bytes. */
export async function readForm(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new HttpError(413, 'That file is too large.');
    chunks.push(chunk);
  }
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  try {
    return await new Response(Buffer.concat(chunks), { headers }).formData();
  } catch {
    throw new HttpError(400, 'That form could not be read.');
  }
}

/** Sends the visitor to another page; after a post, with a GET (303). */
export function redirect(response, location, cookies = []) {
  response.writeHead(303, { location, 'set-cookie': cookies }).end();
}

/** Compares secrets in a time that tells nothing about them. */
export function sameSecret(a, b) {
  const [left, right] = [Buffer.from(String(a)), Buffer.from(String(b))];
  return left.length === right.length && timingSafeEqual(left, right);
}
