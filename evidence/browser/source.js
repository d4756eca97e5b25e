// The bytes of a file, read in windows, so that a large file never has to stand in memory as a whole.

const WINDOW = 8 << 20;

/** Return a reader of a Blob (a chosen file is one): its size, and read(start, length) for any stretch of it. */
export function opened(blob) {
  let start = 0;
  let held = new Uint8Array(0);

  async function read(from, length) {
    const until = Math.min(from + length, blob.size);
    if (from >= until) return new Uint8Array(0);
    if (from < start || until > start + held.length) {
      held = await contents(blob.slice(from, Math.max(until, from + WINDOW)));
      start = from;
    }
    return held.subarray(from - start, until - start);
  }

  return { size: blob.size, read };
}

/** Return all bytes of a Blob; older browsers have no Blob.arrayBuffer(). */
export function contents(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}
