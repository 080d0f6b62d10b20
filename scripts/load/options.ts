/**
 * What a load run may be asked for, read from the command line with every
 * fault named at once.
 *
 * A run sends money and wrong codes by the thousand. So it goes to this machine
 * only, unless whoever starts it says that the server is theirs, and it is
 * bounded in count and in time.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** How the requests of a run are spread over its time. */
export type Spacing = "poisson" | "uniform";

/** What a request is. */
export const KINDS = ["pay", "bad", "repeat", "query", "reverse"] as const;

/** A new order, a wrong code, an order again, its state, its end. */
export type Kind = typeof KINDS[number];

/** A run. */
export interface LoadOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly wallets: number;
  readonly tills: number;
  readonly merchants: number;
  /** Requests a second, all kinds together. */
  readonly rate: number;
  readonly seconds: number;
  readonly spacing: Spacing;
  /** Parts of all requests, 0 to 1; the rest are payments. */
  readonly shares: Readonly<Record<Exclude<Kind, "pay">, number>>;
  /** Bad codes a merchant may send a minute, as the server is set. */
  readonly badCodeLimit: number;
  /** Payments that a wallet may make, as the server is set. */
  readonly paymentsPerWallet: number;
  /** How long an answer may take. */
  readonly timeoutSeconds: number;
  /** The folder for the report. */
  readonly out: string;
}

/** The command line does not describe a run. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";

  /** @param faults One sentence per fault. */
  constructor(readonly faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

/** Requests of one run at most. */
export const MAX_REQUESTS = 1_000_000;

const NUMBERS = {
  wallets: { default: 1000, min: 1, max: 100_000, whole: true },
  tills: { default: 32, min: 1, max: 1000, whole: true },
  merchants: { default: 4, min: 1, max: 1000, whole: true },
  rate: { default: 50, min: 0.1, max: 20_000, whole: false },
  seconds: { default: 20, min: 1, max: 3600, whole: false },
  bad: { default: 0, min: 0, max: 100, whole: false },
  repeats: { default: 0, min: 0, max: 100, whole: false },
  queries: { default: 0, min: 0, max: 100, whole: false },
  reversals: { default: 0, min: 0, max: 100, whole: false },
  "bad-code-limit": { default: 20, min: 1, max: 1e9, whole: true },
  "payments-per-wallet": { default: 50, min: 1, max: 1e6, whole: true },
  timeout: { default: 10, min: 0.1, max: 60, whole: false },
} as const;

type NumberName = keyof typeof NUMBERS;

/** What the command line takes. */
export const USAGE = `Usage: deno task load [options]

Enrols wallets at a running server, has tills pay with their codes, and says
what came of it. The admin key is OFFCODE_ADMIN_KEY; where that is not set, the
development key that \`deno task start\` made in ./data.

  --server URL             where the server is (http://127.0.0.1:8000)
  --wallets N              wallets to enrol (1000); one pays once in 30 s
  --tills N                requests under way at a time (32)
  --merchants N            whose tills they are (4)
  --rate N                 requests a second (50), kept to whatever the answers do
  --seconds N              for how long (20)
  --spacing NAME           poisson, as customers come (default), or uniform
  --bad PERCENT            of the requests: wrong codes (0)
  --repeats PERCENT        paid orders sent again (0)
  --queries PERCENT        orders asked for (0)
  --reversals PERCENT      paid orders reversed (0)
  --bad-code-limit N       the server's OFFCODE_BAD_CODE_LIMIT (20)
  --payments-per-wallet N  the server's limit of payments and codes in a row (50)
  --timeout SECONDS        how long an answer may take (10)
  --out FOLDER             where the report goes (data/load)
  --i-own-this-server      go to a server that is not on this machine

Ends with 0 when every check holds, 1 when one fails, 2 when it could not run,
130 when it was ended early and what was done is right.`;

/**
 * Reads the command line; `"help"` where that is what was asked for.
 *
 * @throws {OptionsError} With every fault.
 */
export function readOptions(args: readonly string[]): LoadOptions | "help" {
  const faults: string[] = [];
  const { values } = tolerantly(args, faults);
  if (values["help"] === true) return "help";
  const number = (name: NumberName) => readNumber(name, values[name], faults);
  const text = (name: string, fallback: string) =>
    typeof values[name] === "string" ? values[name] : fallback;

  const spacing = text("spacing", "poisson");
  if (spacing !== "poisson" && spacing !== "uniform") {
    faults.push("--spacing must be poisson or uniform");
  }
  const origin = readOrigin(
    text("server", "http://127.0.0.1:8000"),
    values["i-own-this-server"] === true,
    faults,
  );
  const shares = {
    bad: number("bad") / 100,
    repeat: number("repeats") / 100,
    query: number("queries") / 100,
    reverse: number("reversals") / 100,
  };
  const options = {
    origin,
    wallets: number("wallets"),
    tills: number("tills"),
    merchants: number("merchants"),
    rate: number("rate"),
    seconds: number("seconds"),
    spacing: spacing as Spacing,
    shares,
    badCodeLimit: number("bad-code-limit"),
    paymentsPerWallet: number("payments-per-wallet"),
    timeoutSeconds: number("timeout"),
    out: text("out", "data/load"),
  };
  if (Object.values(shares).reduce((sum, it) => sum + it) > 0.95) {
    faults.push(
      "--bad, --repeats, --queries and --reversals together must leave 5 % for payments",
    );
  }
  if (options.merchants > options.tills) {
    faults.push("--merchants must not be above --tills: each has one at least");
  }
  if (options.rate * options.seconds > MAX_REQUESTS) {
    faults.push(
      `--rate times --seconds must not be above ${MAX_REQUESTS} requests`,
    );
  }
  if (faults.length > 0) throw new OptionsError(faults);
  return options;
}

/** Every option as it stands; what is none becomes a fault. */
function tolerantly(args: readonly string[], faults: string[]) {
  const flags = ["help", "i-own-this-server"];
  const texts = ["server", "spacing", "out", ...Object.keys(NUMBERS)];
  const { values, tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries([
      ...flags.map((it) => [it, { type: "boolean" as const }]),
      ...texts.map((it) => [it, { type: "string" as const }]),
    ]),
  });
  for (const token of tokens) {
    if (token.kind === "positional") {
      faults.push("Only options are taken, and each begins with --");
    }
    if (token.kind !== "option") continue;
    const { rawName, name, value } = token;
    const isFlag = flags.includes(name);
    if (!rawName.startsWith("--") || !(isFlag || texts.includes(name))) {
      faults.push(`There is no option ${rawName}`);
    } else if (isFlag && value !== undefined) {
      faults.push(`${rawName} takes no value`);
    } else if (!isFlag && (value === undefined || value.startsWith("--"))) {
      faults.push(`${rawName} needs a value`);
    }
  }
  return { values };
}

function readNumber(
  name: NumberName,
  text: string | boolean | undefined,
  faults: string[],
): number {
  const { default: fallback, min, max, whole } = NUMBERS[name];
  // An option without its value has been named already.
  if (typeof text !== "string") return fallback;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (
    !(value >= min && value <= max) || (whole && !Number.isInteger(value))
  ) {
    const what = whole ? "a whole number" : "a number";
    faults.push(`--${name} must be ${what} from ${min} to ${max}`);
    return fallback;
  }
  return value;
}

function readOrigin(text: string, isOwn: boolean, faults: string[]): string {
  const url = URL.parse(text);
  if (
    url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" ||
    url.search !== "" || url.hash !== "" || url.username !== "" ||
    url.password !== ""
  ) {
    faults.push(
      "--server must be an address such as http://127.0.0.1:8000, without path",
    );
    return "";
  }
  if (!isLoopback(url.hostname)) {
    if (!isOwn) {
      faults.push(
        `--server is not on this machine: a run there takes --i-own-this-server, from somebody who may say so`,
      );
    } else if (url.protocol !== "https:") {
      faults.push(
        "--server must be https where it is not on this machine: keys travel in requests",
      );
    }
  }
  return url.origin;
}

/** Whether a host, as a URL writes it, is this machine by its very name. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
