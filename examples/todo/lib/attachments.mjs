// MinIO, or S3: the bytes of attached files. The bucket is private; files pass through the server, which
// asks the database first whether the user may have them.

import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** Largest file, in bytes. It is held in memory while it is uploaded. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

export function createAttachments({ bucket, region, endpoint, forcePathStyle }) {
  const s3 = new S3Client({ region, endpoint, forcePathStyle });

  return {
    put: (attachment, bytes) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key(attachment), Body: bytes })),

    /** A readable stream of the file. */
    async get(attachment) {
      return (await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key(attachment) }))).Body;
    },

    async remove(user, attachments) {
      if (attachments.length === 0) return;
      const Objects = attachments.map(({ id }) => ({ Key: key({ owner: user.id, id }) }));
      const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      if (Errors.length > 0) throw new Error(`S3: ${Errors[0].Code} ${Errors[0].Message}`);
    },

    /** Whether the bucket is there. */
    check: () => s3.send(new HeadBucketCommand({ Bucket: bucket })),

    close: () => s3.destroy(),
  };
}

function key({ owner, id }) {
  return `${owner}/${id}`;
}

/** A file's name without its path, control characters or the marks that turn text around. */
export function cleanName(name) {
  const last = name.split(/[/\\]/).at(-1);
  const clean = last.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim();
  return clean.slice(0, 200) || 'file';
}

/** Content-Disposition for any name (RFC 6266): plain ASCII for old clients, the real name beside it. */
export function disposition(name) {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
