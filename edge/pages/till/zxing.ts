/// <reference lib="dom" />
/**
 * The barcode decoder of browsers that have none: ZXing as WebAssembly, served
 * by the edge like the page itself.
 *
 * @module
 */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
// The bundler puts the file beside the script, and its relative address here.
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm";

/** Loads the decoder. */
export async function loadZxing(): Promise<
  (picture: ImageData) => Promise<string[]>
> {
  await prepareZXingModule({
    // By default it would be fetched from another host.
    overrides: { locateFile: () => new URL(wasmUrl, import.meta.url).href },
    fireImmediately: true,
  });
  return async (picture) =>
    (await readBarcodes(picture, {
      formats: ["QRCode", "Code128"],
      tryHarder: true,
      maxNumberOfSymbols: 2,
    })).map(({ text }) => text);
}
