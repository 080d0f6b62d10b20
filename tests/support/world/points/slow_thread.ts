/**
 * `deno task serve` of which one thread starts late, the first one where `SLOW`
 * is `first` and the second one otherwise: it tells with a folder `waiting` that
 * it has begun, and goes on when there is a folder `go`.
 *
 * @module
 */

const isFirstSlow = Deno.env.get("SLOW") === "first";
let started = 0;

const SLOW = `
Deno.mkdirSync("waiting");
const hasBegun = () => Deno.stat("go").then(() => true, () => false);
while (!await hasBegun()) await new Promise((go) => setTimeout(go, 10));
await import(${
  JSON.stringify(import.meta.resolve("../../../../edge/serve_thread.ts"))
});
`;

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isSlow = (started++ === 0) === isFirstSlow;
    const slow = `data:text/javascript,${encodeURIComponent(SLOW)}`;
    super(isSlow ? slow : url, options);
  }
};

await import("../../../../edge/serve.ts");
