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
  readonly positionTicks?: readonly {
    readonly line: number;
    readonly ticks: number;
  }[];
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

/** A profile with the scripts that it speaks of, as they ran. */
export interface ProfiledRun {
  readonly profile: Profile;
  /** The text of a line of a script, from 1. */
  lineOf(scriptId: string, line: number): string;
}

/** How often is looked, microseconds. */
const INTERVAL_US = 200;

/**
 * Profiles the process that was started with `--inspect=127.0.0.1:<port>`
 * while `work` runs.
 *
 * @throws {Error} If no inspector answers there.
 */
export async function profileWhile(
  port: number,
  work: () => Promise<void>,
): Promise<ProfiledRun> {
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
  let last = 0;
  const call = <T>(method: string, params = {}) =>
    new Promise<T>((resolve) => {
      const id = ++last;
      replies.set(id, resolve as (result: unknown) => void);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
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
      const { scriptSource = "" } = await call<{ scriptSource?: string }>(
        "Debugger.getScriptSource",
        { scriptId },
      ) ?? {};
      lines.set(scriptId, scriptSource.split("\n"));
    }
    return {
      profile,
      lineOf: (scriptId, line) => lines.get(scriptId)?.[line - 1] ?? "",
    };
  } finally {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }
}
