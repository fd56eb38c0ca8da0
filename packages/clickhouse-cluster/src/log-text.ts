const HEADER_BYTES = 8;

/**
 * The text in what an engine gives as a container's log: frames of stdout and stderr, each behind a
 * header whose last four bytes are its length.
 */
export function logText(frames: Buffer): string {
  const parts: Buffer[] = [];
  for (let start = 0; start + HEADER_BYTES <= frames.length;) {
    const end = start + HEADER_BYTES + frames.readUInt32BE(start + 4);
    parts.push(frames.subarray(start + HEADER_BYTES, end));
    start = end;
  }
  return Buffer.concat(parts).toString('utf8');
}
