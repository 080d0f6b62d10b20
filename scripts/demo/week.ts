/**
 * The demo's other story: on Monday an algorithm is found weak, and by Friday
 * everybody pays with another one. It plays the drill of `edge/OPERATIONS.md`
 * over HTTP, with the commands of `deno task release` and with the clock put
 * forward from day to day.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_SETTINGS, type Settings } from "../../edge/boot/settings.ts";
import { PROFILE_1, PROFILE_2, profilesOf } from "../../edge/code/profile.ts";
import { type Api, CURRENCY, describe } from "../client.ts";
import { InputError } from "../command.ts";
import { committedWasm, type Phone } from "../phone.ts";
import { draftRelease, release } from "../release.ts";
import { Cast, check, money } from "./cast.ts";
import type { DemoEdge } from "./edge.ts";
import type { Screen } from "./screen.ts";

const DAY_MS = 86_400_000;
const STEP_MS = 30_000;
/** A core in shadow that is silent for ten looks is retired. */
const LOOKS = 10;
const LOOK_MS = 2_000;
const START_MINOR = 10_000;
const SIGNERS = ["alice", "bob"];

/** The steps of the story, and what its days share. */
class Week extends Cast {
  payments = 0;
  spentMinor = 0;
  /** Of the shop, the wallet's backend and the release desk. */
  keys = { shop: "", wallet: "", desk: "" };
  /** The public keys of both people who must sign. */
  readonly signers: string[] = [];

  constructor(edge: DemoEdge, screen: Screen, readonly folder: string) {
    super(edge, screen);
  }

  async prepare(): Promise<void> {
    const { api, edge: { adminKey } } = this;
    for (const name of SIGNERS) {
      this.signers.push(await release(["keygen", this.keyFile(name)]));
    }
    await this.edge.restart(this.settings());
    const { body } = await api.call(
      ...["201", "POST", "/v1/admin/release-keys", adminKey] as const,
      { name: "release desk" },
    );
    this.keys = {
      desk: body.api_key!,
      shop: (await api.openShop(adminKey, "Corner Shop")).key,
      wallet: await api.addWallet(adminKey, "wallet backend"),
    };
    await api.setBalance(adminKey, "alice", START_MINOR);
    await api.setBalance(adminKey, "bob", START_MINOR);
  }

  /** The file of the key of somebody who signs. */
  keyFile(name: string): string {
    return `${this.folder}/${name}.json`;
  }

  /** The settings of every edge of the week: two people must sign. */
  settings(): Partial<Settings> {
    const trusted = { keys: this.signers, threshold: 2 };
    return {
      release: { ...DEFAULT_SETTINGS.release, trusted, shadowSearches: 1 },
    };
  }

  /** Begins a day after the first; the clock is put forward. */
  day(name: string): void {
    this.edge.clock.advance(DAY_MS);
    this.screen.heading(name);
  }

  async call(
    expected: string,
    ...request: Parameters<Api["ask"]>
  ): Promise<string> {
    const [method, path] = request;
    this.screen.labeled("call", `${method} ${short(path)}`);
    const answer = await this.api.call(expected, ...request);
    this.screen.answer(describe(answer), answer.status < 300);
    return answer.text;
  }

  /**
   * A command of `deno task release` by the release desk, and what it says, which
   * must begin as expected.
   */
  async command(expected: string, ...words: string[]): Promise<string> {
    const { folder, screen, edge, keys: { desk } } = this;
    const line = short(words.join(" ").replaceAll(`${folder}/`, ""));
    screen.labeled("desk", `deno task release ${line}`);
    const env = (name: string) => name === "OFFCODE" ? edge.origin : desk;
    const says = await release(words, env).catch((error) => {
      if (error instanceof InputError) return error.message;
      throw error;
    });
    check(says.startsWith(expected), `It said: ${says}`);
    screen.answer(expected, !expected.startsWith("Refused"));
    return says;
  }

  /** A phone pays with its next code, which must be of a profile. */
  async pay(name: string, phone: Phone, profile: number): Promise<void> {
    const { edge, api, screen, keys } = this;
    edge.clock.advance(STEP_MS);
    const { digits } = phone.show(edge.clock.nowMs());
    const order = `W-${++this.payments}`;
    // Equal purchases within a minute would wait for the customer, so each has
    // another amount.
    const amountMinor = 300 + this.payments;
    this.spentMinor += amountMinor;
    check(digits[2] === `${profile}`, `${name} shows profile ${digits[2]}`);
    await api.call("201 succeeded", "POST", "/v1/payments", keys.shop, {
      ...{ code: digits, order_id: order },
      ...{ amount_minor: amountMinor, currency: CURRENCY },
    });
    screen.labeled(
      "paid",
      `${name} pays ${order}, ${money(amountMinor)}, with profile ${profile}.`,
    );
  }

  /** Checks how many live credentials each profile has. */
  async count(expected: readonly (readonly [number, number])[]): Promise<void> {
    const path = "/v1/admin/profiles";
    const text = await this.call("200", "GET", path, this.edge.adminKey);
    const { profiles } = JSON.parse(text) as {
      profiles: { profile: number; live_credentials: number }[];
    };
    const found = profiles.map((it) => [it.profile, it.live_credentials]);
    check(`${found}` === `${expected}`, `The profiles have ${found}`);
    for (const [profile, live] of found) {
      this.screen.text(`Profile ${profile}: ${live} live credentials`);
    }
  }

  async look(path: string) {
    await this.edge.followCores();
    return JSON.parse((await this.api.ask("GET", path, this.keys.desk)).text);
  }

  /** Waits until a search was compared, and says how it came out. */
  async compared(releaseId: string): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks++) {
      await sleep(LOOK_MS);
      const release = await this.look(`/v1/core-releases/${releaseId}`);
      check(release.differences === 0, "The new core differs");
      if (release.searches === 0) continue;
      this.screen.text("It was compared, and found the same customer.");
      return;
    }
    check(false, "No search was compared");
  }

  /** Checks that the core of this version serves; 0 is the built-in core. */
  async serving(version: number): Promise<void> {
    const { core } = await this.look("/readyz");
    const says = (it: number) => `the core of version ${it} serves.`;
    check(core.version === version, says(core.version));
    this.screen.text(`GET /readyz: ${says(version)}`);
  }

  /** Restarts the edge with other profiles, the first for new customers. */
  async restart(...profiles: readonly (typeof PROFILE_1)[]): Promise<void> {
    await this.edge.restart({
      ...this.settings(),
      profiles: profilesOf(profiles),
      enrolmentProfile: profiles[0]!,
    });
    const digits = profiles.map((it) => it.digit);
    this.screen.text(`The edge is restarted with OFFCODE_PROFILES=${digits}.`);
  }
}

const short = (text: string) => text.replace(/(core|cred)_[0-9a-f]+/, "…");

/**
 * Tells the week to its end and returns one line that sums it up.
 *
 * @throws {UnexpectedAnswerError} At the first answer that is not as expected.
 */
export async function tellWeek(
  edge: DemoEdge,
  screen: Screen,
): Promise<string> {
  screen.line("Offcode: another algorithm within a week, while everybody pays");
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-release-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const week = stack.use(new Week(edge, screen, folder));
  await week.prepare();
  const { api, keys } = week;
  const { phone: alice, credentialId } = await week.enrol(keys.wallet, "alice");

  screen.heading("Monday: HMAC-SHA-256 is found weak");
  await week.pay("Alice", alice, 1);
  const id = await releaseCore(week);
  screen.text("In shadow the new core is compared, and the old one decides.");
  await week.pay("Alice", alice, 1);
  await week.compared(id);

  week.day("Tuesday: the new core decides");
  await week.command("version 2  active", "activate", id);
  await week.serving(2);
  await week.pay("Alice", alice, 1);

  week.day("Wednesday: both profiles are served");
  await week.restart(PROFILE_2, PROFILE_1);
  const { phone: bob } = await week.enrol(keys.wallet, "bob");
  screen.text(
    "Bob is new and gets profile 2. Alice's phone was not online yet.",
  );
  await week.pay("Bob", bob, 2);
  await week.pay("Alice", alice, 1);
  await week.count([[1, 1], [2, 1]]);

  week.day("Thursday: phones that come online are renewed");
  const path = `/v1/enrolments/${credentialId}/renewals`;
  await alice.receive(await week.call("201", "POST", path, keys.wallet));
  await week.pay("Alice", alice, 2);
  await week.count([[1, 0], [2, 2]]);
  screen.text("Somebody is unsure and rolls back: both profiles are paid on.");
  await week.command("version 2  retired", "rollback", id);
  await week.serving(0);
  await week.pay("Alice", alice, 2);
  await week.pay("Bob", bob, 2);
  await week.command("version 2  active", "activate", id);
  await week.serving(2);
  await week.pay("Bob", bob, 2);

  week.day("Friday: profile 1 is taken out");
  await week.restart(PROFILE_2);
  await week.pay("Alice", alice, 2);
  await week.pay("Bob", bob, 2);
  const { adminKey } = edge;
  const left = await api.balance(adminKey, "alice") +
    await api.balance(adminKey, "bob");
  check(
    left === 2 * START_MINOR - week.spentMinor,
    `The two have ${money(left)} left`,
  );
  return `All ${week.payments} payments of the week succeeded, and each was taken once.`;
}

/** Has a core built, signed by both people, and taken by the edge in shadow. */
async function releaseCore(week: Week): Promise<string> {
  const { screen, folder } = week;
  screen.text("The core with profile 2, HMAC-SM3, is built. One person signs.");
  const core = `${folder}/core-2`;
  await draftRelease(core, committedWasm(), 2, "2100-01-01T00:00:00Z");
  const sign = (name: string) =>
    week.command("version 2", "sign", core, "--key", week.keyFile(name));
  await sign(SIGNERS[0]!);
  await week.command("Refused: threshold", "push", core);
  screen.text("Two must sign, so the edge refuses it. The second one signs.");
  await sign(SIGNERS[1]!);
  const id = await week.command("core_", "push", core);
  await week.command("version 2  shadow", "shadow", id);
  await week.edge.followCores();
  return id;
}
