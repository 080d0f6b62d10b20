/**
 * The server for `deno serve --parallel` of which one thread starts late, the
 * main one where `SLOW` is `main` and another one otherwise: it tells with a
 * folder `waiting` that it has begun, and goes on when there is a folder `go`.
 * It waits with its signal listener set, or where `DEAF` is set without one.
 *
 * Which of them comes here first is not the same each time, and Deno prints
 * where it listens only when its main thread does.
 *
 * @module
 */

function exists(name: string): boolean {
  try {
    return Deno.statSync(name).isDirectory;
  } catch {
    return false;
  }
}

// The main thread's id is that of the process (Linux).
const [thread] = Deno.readTextFileSync("/proc/thread-self/stat").split(" ");
const isMain = Number(thread) === Deno.pid;

async function wait(): Promise<void> {
  Deno.mkdirSync("waiting", { recursive: true });
  while (!exists("go")) await new Promise((go) => setTimeout(go, 10));
}

if (isMain === (Deno.env.get("SLOW") === "main")) {
  if (Deno.env.has("DEAF")) await wait();
  else {
    const { readFile } = Deno;
    // It reads its core while it is put together.
    Deno.readFile = async (...args) => {
      await wait();
      return await readFile(...args);
    };
  }
}

const { default: server } = await import("../../../edge/serve.ts");

// `deno serve` takes nothing else.
// deno-lint-ignore offcode/no-default-export
export default server;
