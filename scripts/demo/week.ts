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
import { Api, CURRENCY, describe } from "../client.ts";
import { InputError } from "../command.ts";
import { committedWasm, Phone } from "../phone.ts";
import { draftRelease, release } from "../release.ts";
import { check, money } from "./cast.ts";
import type { DemoEdge } from "./edge.ts";
import type { Screen } from "./screen.ts";

const DAY_MS = 86_400_000;
const STEP_MS = 30_000;
/** A core in shadow that is silent for ten looks is retired. */
const LOOKS = 10;
const LOOK_MS = 2_000;
const START_MINOR = 10_000;
const SIGNERS = ["alice", "bob"];

/**
 * The week of the story: what its days share, and the steps that they are told
 * in.
 */
class Week {
  readonly api: Api;
  payments = 0;
  spentMinor = 0;
  #day = 0;

  constructor(
    readonly edge: DemoEdge,
    readonly screen: Screen,
    readonly keys: {
      readonly shop: string;
      readonly wallet: string;
      readonly desk: string;
      /** The public keys of both people who must sign. */
      readonly signers: readonly string[];
    },
    readonly folder: string,
  ) {
    this.api = new Api(edge.origin);
  }

  /** Begins a day; the clock is put forward. */
  day(name: string): void {
    if (this.#day++ > 0) this.edge.clock.advance(DAY_MS);
    this.screen.heading(name);
  }

  /** A call whose answer is shown. */
  async call(
    expected: string,
    ...request: Parameters<Api["ask"]>
  ): Promise<string> {
    const [method, path] = request;
    const short = path.replace(/(core|cred)_[0-9a-f]+/, "…");
    this.screen.labeled("call", `${method} ${short}`);
    const answer = await this.api.call(expected, ...request);
    this.screen.answer(describe(answer), answer.status < 300);
    return answer.text;
  }

  /**
   * A command of `deno task release` by the release desk, and what it says, which
   * must begin as expected.
   */
  async command(expected: string, ...words: string[]): Promise<string> {
    const { folder, screen, keys: { desk } } = this;
    const short = words.join(" ").replaceAll(`${folder}/`, "")
      .replace(/core_[0-9a-f]+/, "…");
    screen.labeled("desk", `deno task release ${short}`);
    const env = (name: string) => name === "OFFCODE" ? this.edge.origin : desk;
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
    const { edge: { adminKey } } = this;
    const { profiles } = JSON.parse(
      await this.call("200", "GET", path, adminKey),
    ) as { profiles: { profile: number; live_credentials: number }[] };
    const found = profiles.map((it) => [it.profile, it.live_credentials]);
    check(`${found}` === `${expected}`, `The profiles have ${found}`);
    for (const [profile, live] of found) {
      this.screen.text(`Profile ${profile}: ${live} live credentials`);
    }
  }

  /** Waits until a search was compared, and says how it came out. */
  async compared(releaseId: string): Promise<void> {
    const path = `/v1/core-releases/${releaseId}`;
    for (let look = 0; look < LOOKS; look++) {
      await sleep(LOOK_MS);
      await this.edge.followCores();
      const { text } = await this.api.ask("GET", path, this.keys.desk);
      const { searches, differences } = JSON.parse(text);
      check(differences === 0, "The new core differs");
      if (searches === 0) continue;
      this.screen.text("It was compared, and found the same customer.");
      return;
    }
    check(false, "No search was compared");
  }

  /** Checks that the core of this version serves; 0 is the built-in core. */
  async serving(version: number): Promise<void> {
    await this.edge.followCores();
    const { text } = await this.api.ask("GET", "/readyz", this.keys.desk);
    const { core } = JSON.parse(text);
    check(
      core.version === version,
      `The core of version ${core.version} serves`,
    );
    this.screen.text(`GET /readyz: the core of version ${version} serves.`);
  }

  /** Restarts the edge with other settings. */
  async restart(profiles: string, settings: Partial<Settings>): Promise<void> {
    await this.edge.restart({ ...settingsOf(this.keys.signers), ...settings });
    this.screen.text(
      `The edge is restarted with OFFCODE_PROFILES=${profiles}.`,
    );
  }
}

/** The settings of every edge of the week: two people must sign. */
function settingsOf(keys: readonly string[]): Partial<Settings> {
  return {
    release: {
      ...DEFAULT_SETTINGS.release,
      trusted: { keys, threshold: 2 },
      shadowSearches: 1,
    },
  };
}

const BOTH = profilesOf([PROFILE_1, PROFILE_2]);

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
  const signers: string[] = [];
  for (const name of SIGNERS) {
    signers.push(await release(["keygen", `${folder}/${name}.json`]));
  }
  await edge.restart(settingsOf(signers));
  const api = new Api(edge.origin);
  const admin = edge.adminKey;
  const { body: desk } = await api.call(
    ...["201", "POST", "/v1/admin/release-keys", admin] as const,
    { name: "release desk" },
  );
  const week = new Week(edge, screen, {
    shop: (await api.openShop(admin, "Corner Shop")).key,
    wallet: await api.addWallet(admin, "wallet backend"),
    ...{ desk: desk.api_key!, signers },
  }, folder);
  const { alice, credential } = await enrolAlice(week);
  const id = await releaseOnMonday(week, alice);
  week.day("Tuesday: the new core decides");
  await week.command("version 2  active", "activate", id);
  await week.serving(2);
  await week.pay("Alice", alice, 1);
  const bob = await serveBothOnWednesday(week, alice);
  await renewOnThursday(week, alice, bob, credential, id);
  week.day("Friday: profile 1 is taken out");
  await week.restart("2", {
    ...{ profiles: profilesOf([PROFILE_2]), enrolmentProfile: PROFILE_2 },
  });
  await week.pay("Alice", alice, 2);
  await week.pay("Bob", bob, 2);
  const left = await week.api.balance(admin, "alice") +
    await week.api.balance(admin, "bob");
  check(
    left === 2 * START_MINOR - week.spentMinor,
    `The two have ${money(left)} left`,
  );
  return `All ${week.payments} payments of the week succeeded, and each was taken once.`;
}

async function enrolAlice(week: Week) {
  const { edge, api, keys } = week;
  const alice = await Phone.make(edge.core);
  const credential = await api.enrol(keys.wallet, alice, "alice", "phone-a");
  await api.setBalance(edge.adminKey, "alice", START_MINOR);
  await api.setBalance(edge.adminKey, "bob", START_MINOR);
  return { alice, credential };
}

async function releaseOnMonday(week: Week, alice: Phone): Promise<string> {
  const { screen, folder } = week;
  week.day("Monday: HMAC-SHA-256 is found weak");
  await week.pay("Alice", alice, 1);
  screen.text("The core with profile 2, HMAC-SM3, is built. One person signs.");
  const core = `${folder}/core-2`;
  await draftRelease(core, committedWasm(), 2, "2100-01-01T00:00:00Z");
  const sign = (name: string) =>
    week.command("version 2", "sign", core, "--key", `${folder}/${name}.json`);
  await sign(SIGNERS[0]!);
  await week.command("Refused: threshold", "push", core);
  screen.text("Two must sign, so the edge refuses it. The second one signs.");
  await sign(SIGNERS[1]!);
  const id = await week.command("core_", "push", core);
  await week.command("version 2  shadow", "shadow", id);
  await week.edge.followCores();
  screen.text("In shadow the new core is compared, and the old one decides.");
  await week.pay("Alice", alice, 1);
  await week.compared(id);
  return id;
}

async function serveBothOnWednesday(week: Week, alice: Phone): Promise<Phone> {
  const { screen, edge, api, keys } = week;
  week.day("Wednesday: both profiles are served");
  await week.restart("2,1", { profiles: BOTH, enrolmentProfile: PROFILE_2 });
  const bob = await Phone.make(edge.core);
  await api.enrol(keys.wallet, bob, "bob", "phone-b");
  screen.text(
    "Bob is new and gets profile 2. Alice's phone was not online yet.",
  );
  await week.pay("Bob", bob, 2);
  await week.pay("Alice", alice, 1);
  await week.count([[1, 1], [2, 1]]);
  return bob;
}

async function renewOnThursday(
  week: Week,
  alice: Phone,
  bob: Phone,
  credential: string,
  id: string,
): Promise<void> {
  const { screen, keys } = week;
  week.day("Thursday: phones that come online are renewed");
  const path = `/v1/enrolments/${credential}/renewals`;
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
}
