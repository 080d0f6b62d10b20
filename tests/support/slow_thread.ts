/**
 * The server for `deno serve --parallel` whose second thread starts late: it
 * tells with a folder `waiting` that it has begun, and goes on when there is a
 * folder `go`.
 *
 * @module
 */

function isFirst(name: string): boolean {
  try {
    Deno.mkdirSync(name);
    return true;
  } catch {
    return false;
  }
}

function exists(name: string): boolean {
  try {
    return Deno.statSync(name).isDirectory;
  } catch {
    return false;
  }
}

if (!isFirst("first")) {
  const { readFile } = Deno;
  // It reads its core while it is put together.
  Deno.readFile = async (...args) => {
    isFirst("waiting");
    while (!exists("go")) await new Promise((go) => setTimeout(go, 10));
    return await readFile(...args);
  };
}

const { default: server } = await import("../../edge/serve.ts");

// `deno serve` takes nothing else.
// deno-lint-ignore offcode/no-default-export
export default server;
