import { assert, assertEquals, assertRejects } from "@std/assert";
import { isRefusal } from "../../../../edge/base/outcome.ts";
import { EdgeMetrics } from "../../../../edge/metrics/metrics.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import { watchedTransport } from "../../../../edge/store/redis/watched.ts";
import { StoreUnavailableError } from "../../../../edge/store/store.ts";
import { readMetrics } from "../../../support/http/metrics_text.ts";
import { NOON_MS, TestClock } from "../../../support/world/app.ts";

/** Two nodes, of which each is named by its key and tells a time. */
class TwoNodes implements RedisTransport {
  readonly maxRequests = 1;
  readonly asked: string[] = [];
  readonly times: Record<string, number> = { a: NOON_MS, b: NOON_MS };
  nodeOf = (key = "") => `${key}:6379`;
  timeMs(key = ""): Promise<number> {
    this.asked.push(key);
    const timeMs = this.times[key];
    return timeMs === undefined
      ? Promise.reject(new StoreUnavailableError("timeout"))
      : Promise.resolve(timeMs);
  }
  run = () => Promise.resolve([]);
  scan = () => Promise.resolve({ cursor: "0", names: [] });
  info = () => Promise.resolve("");
  close = () => Promise.resolve();
}

Deno.test("each node's clock is compared when its time is asked for, and is shown for a minute", async () => {
  const timer = { ms: 0 };
  const metrics = new EdgeMetrics({ monotonicMs: () => timer.ms, codes: [] });
  const nodes = new TwoNodes();
  const clock = new TestClock(NOON_MS);
  const watched = watchedTransport(nodes, metrics.nodes, clock);
  const name = "offcode_store_node_clock_offset_seconds";
  const offsets = async () => {
    const text = await metrics.text();
    assert(!isRefusal(text));
    const all = [...readMetrics(text).series.values()]
      .filter((it) => it.name === name);
    // The travel of an answer takes a part of a second at most.
    return all.map(({ labels, value }) => [labels.node, Math.round(value)]);
  };
  assertEquals(await offsets(), []);
  nodes.times.b = NOON_MS + 7_000;
  await watched.timeMs("a");
  await watched.timeMs("b");
  assertEquals(await offsets(), [["a:6379", 0], ["b:6379", -7]]);
  clock.advance(20_000);
  timer.ms = 20_000;
  nodes.times.a = NOON_MS + 18_000;
  await watched.timeMs("a");
  await watched.run("", ["b"], []);
  assertEquals(await offsets(), [["a:6379", 2], ["b:6379", -7]]);
  // A node that tells no time is left out after a minute.
  delete nodes.times.b;
  await assertRejects(() => watched.timeMs("b"), StoreUnavailableError);
  timer.ms = 60_001;
  assertEquals(await offsets(), [["a:6379", 2]]);
  // Nothing was asked for the metrics themselves.
  assertEquals(nodes.asked, ["a", "b", "a", "b"]);
});
