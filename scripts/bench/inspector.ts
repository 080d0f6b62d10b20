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
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

/** What V8's profiler tells. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** The node that ran, for each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** How often is looked, microseconds. */
const INTERVAL_US = 100;

/**
 * Profiles the process that was started with `--inspect=127.0.0.1:<port>`
 * while `work` runs.
 */
export async function profileWhile(
  port: number,
  work: () => Promise<void>,
): Promise<Profile> {
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
  const call = (method: string, params = {}) =>
    new Promise<unknown>((resolve) => {
      const id = ++last;
      replies.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    await call("Profiler.enable");
    await call("Profiler.setSamplingInterval", { interval: INTERVAL_US });
    await call("Profiler.start");
    await work();
    const { profile } = await call("Profiler.stop") as { profile: Profile };
    return profile;
  } finally {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }
}
