/**
 * What the camera of a browser sees: a film of one picture, which Chromium's fake
 * device repeats (YUV4MPEG2).
 *
 * @module
 */

/** A picture in shades of grey: a byte for each pixel, row by row, 0 is black. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * Writes a picture as a film. The browser reads the file when a page asks for the
 * camera, so another picture takes effect at the next time.
 */
export async function writeCamera(
  path: string,
  { width, height, pixels }: GreyPicture,
): Promise<void> {
  // An odd size, or a frame that is cut, makes the fake device wait for ever.
  if (width % 2 !== 0 || height % 2 !== 0 || pixels.length !== width * height) {
    throw new RangeError("The camera needs a whole picture of an even size");
  }
  const header =
    `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`;
  const film = new Uint8Array(header.length + pixels.length * 3 / 2).fill(128);
  film.set(new TextEncoder().encode(header));
  // Luma is from 16 to 235.
  film.set(
    pixels.map((it) => 16 + Math.round(it * 219 / 255)),
    header.length,
  );
  await Deno.writeFile(path, film);
}
