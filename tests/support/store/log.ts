/**
 * What SQLite's write-ahead log tells about how often the disk was asked.
 *
 * @module
 */

/**
 * How many transactions SQLite has written to its log since it began, each one
 * fsync: frames whose second word is not 0 end one
 * (https://sqlite.org/walformat.html §3).
 */
export async function commitsIn(log: string): Promise<number> {
  const bytes = await Deno.readFile(log);
  const view = new DataView(bytes.buffer);
  const frameBytes = 24 + view.getUint32(8);
  const salt = view.getBigUint64(16);
  let commits = 0;
  for (let at = 32; at + frameBytes <= bytes.length; at += frameBytes) {
    if (view.getBigUint64(at + 8) !== salt) break;
    if (view.getUint32(at + 4) !== 0) commits++;
  }
  return commits;
}
