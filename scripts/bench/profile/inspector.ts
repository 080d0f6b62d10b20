/**
 * A CPU profile of another Deno process, by V8's own profiler over the
 * inspector protocol.
 *
 * @module
 */

/** A function that was seen running. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
  };
  readonly children?: readonly number[];
  /** How often which line was seen, from 1. */
  readonly positionTicks?: readonly { line: number; ticks: number }[];
}

/** What V8's profiler tells. */
export interface Profile {
  /** The first one is the root. */
  readonly nodes: readonly ProfileNode[];
  /** The node that ran, for each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** How often is looked, microseconds. */
const INTERVAL_US = 200;

/** A call of a protocol that numbers its messages. */
type Call = <T>(method: string, params?: object) => Promise<T>;

/** The inspector of a process; closed with the stack. */
async function connect(
  port: number,
  stack: AsyncDisposableStack,
): Promise<Call> {
  const list = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = await list.json() as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target!.webSocketDebuggerUrl);
  const replies = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    replies.get(id)?.(result);
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("No inspector answers"));
  });
  stack.defer(() =>
    new Promise((resolve) => {
      socket.onclose = () => resolve();
      socket.close();
    })
  );
  return <T>(method: string, params = {}) =>
    new Promise<T>((resolve) => {
      const id = replies.size + 1;
      replies.set(id, resolve as (result: unknown) => void);
      socket.send(JSON.stringify({ id, method, params }));
    });
}

/**
 * Profiles the process that was started with `--inspect=127.0.0.1:<port>`
 * while `work` runs; `lineOf` is a line of a script as it ran, from 1.
 *
 * @throws {Error} If no inspector answers there.
 */
export async function profileWhile(port: number, work: () => Promise<void>) {
  await using stack = new AsyncDisposableStack();
  const call = await connect(port, stack);
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await call("Profiler.start");
  await work();
  const { profile } = await call<{ profile: Profile }>("Profiler.stop");
  // Only now: a debugger that looks on would be measured as well.
  await call("Debugger.enable");
  const lines = new Map<string, readonly string[]>();
  for (const { callFrame: { scriptId } } of profile.nodes) {
    if (scriptId === "0" || lines.has(scriptId)) continue;
    const found = await call<{ scriptSource?: string } | undefined>(
      ...["Debugger.getScriptSource", { scriptId }] as const,
    );
    lines.set(scriptId, found?.scriptSource?.split("\n") ?? []);
  }
  const lineOf = (scriptId: string, line: number) =>
    lines.get(scriptId)?.[line - 1] ?? "";
  return { profile, lineOf };
}
