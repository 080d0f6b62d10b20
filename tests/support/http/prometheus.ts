/**
 * A Prometheus of one's own, and `promtool`: both real, from the same package.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { freePort } from "../../../scripts/redis_server.ts";
import { LimitedCommand, saidBy } from "./command.ts";

const LIMIT_MS = 60_000;

/** Runs promtool; its words are in the fault if it does not agree. */
export async function promtool(
  args: readonly string[],
  input?: string,
): Promise<void> {
  const child = new LimitedCommand("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    limitMs: LIMIT_MS,
  }).spawn();
  const writer = child.stdin.getWriter();
  if (input !== undefined) await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, out, err } = await saidBy(child);
  assertEquals(code, 0, out + err);
}

/** What a Prometheus scrapes. */
export interface Target {
  /** Host and port. */
  readonly address: string;
  readonly key: string;
}

/** A running Prometheus. */
export interface Prometheus extends AsyncDisposable {
  /** The values of an expression, one for each series. */
  query(expression: string): Promise<number[]>;
  /** The names of the alarms that fire. */
  firing(): Promise<string[]>;
  /** Waits until something is so; it is asked four times a second. */
  until(isSo: () => Promise<boolean>, what: string): Promise<void>;
}

/** Starts one that scrapes and judges once a second. */
export async function startPrometheus(
  targets: readonly Target[],
  rules: string,
): Promise<Prometheus> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-prometheus-" });
  const port = freePort();
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: ["rules.yml"],
    scrape_configs: targets.map(({ address, key }, i) => ({
      job_name: `offcode-${i}`,
      authorization: { credentials: key },
      static_configs: [{ targets: [address] }],
      relabel_configs: [{ target_label: "job", replacement: "offcode" }],
    })),
  };
  // JSON is YAML as well.
  await Deno.writeTextFile(`${folder}/config.yml`, JSON.stringify(config));
  await Deno.writeTextFile(`${folder}/rules.yml`, rules);
  const child = new LimitedCommand("prometheus", {
    args: [
      ...[`--config.file=${folder}/config.yml`, "--log.level=warn"],
      ...[`--storage.tsdb.path=${folder}/data`, "--web.enable-lifecycle"],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    limitMs: LIMIT_MS,
  }).spawn();
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    return (await response.json()).data;
  };
  return {
    async query(expression) {
      const path = `query?query=${encodeURIComponent(expression)}`;
      const { result } = await ask(path);
      return result.map(({ value }: { value: [number, string] }) =>
        Number(value[1])
      );
    },
    async firing() {
      const { alerts } = await ask("alerts");
      return alerts.filter((it: { state: string }) => it.state === "firing")
        .map((it: { labels: { alertname: string } }) => it.labels.alertname);
    },
    async until(isSo, what) {
      const tries = LIMIT_MS / 250;
      for (let i = 0; i < tries; i++) {
        // It does not listen yet at first.
        if (await isSo().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      throw new Error(`Never was so: ${what}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
