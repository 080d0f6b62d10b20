/**
 * What a load run may be asked for, read from the command line, with every
 * fault of the values named at once.
 *
 * A run sends money and wrong codes by the thousand. So it goes to this machine
 * only, unless whoever starts it says that the server is theirs, and it is
 * bounded in count and in time.
 *
 * @module
 */

import { isLoopback } from "../../edge/base/loopback.ts";
import { PROFILE_1 } from "../../edge/code/profile.ts";
import { InputError, readArguments } from "../command.ts";

/** What a request is: a new order, a wrong code, an order again, its state, its end. */
export const KINDS = ["pay", "bad", "repeat", "query", "reverse"] as const;

export type Kind = typeof KINDS[number];

export type LoadOptions = Readonly<ReturnType<typeof optionsOf>>;

/** Requests of one run at most. */
const MAX_REQUESTS = 1_000_000;

/** Each number: its standard, least and largest value, and what it is. */
const WHOLE = {
  wallets: [1000, 1, 100_000, "wallets to enrol; one pays once in 30 s"],
  tills: [32, 1, 1000, "requests under way at a time"],
  merchants: [4, 1, 1000, "whose tills they are"],
  "bad-code-limit": [20, 1, 1e9, "the server's OFFCODE_BAD_CODE_LIMIT"],
  "payments-per-wallet": [50, 1, 1e6, "the server's limit of codes in a row"],
} as const;
const NUMBERS = {
  ...WHOLE,
  rate: [50, 0.1, 20_000, "requests a second, whatever the answers do"],
  seconds: [20, 1, 3600, "for how long"],
  bad: [0, 0, 100, "percent of the requests: wrong codes"],
  repeats: [0, 0, 100, "percent: paid orders sent again"],
  queries: [0, 0, 100, "percent: orders asked for"],
  reversals: [0, 0, 100, "percent: paid orders reversed"],
  timeout: [10, 0.1, 60, "how many seconds an answer may take"],
} as const;

/** What the command line takes. */
export const USAGE = `Usage: deno task load [options]

Enrols wallets at a running server, has tills pay with their codes, and says
what came of it. The admin key is OFFCODE_ADMIN_KEY; where that is not set, the
development key that \`deno task start\` made in ./data.

  --server URL             where the server is (http://127.0.0.1:8000)
${
  Object.entries(NUMBERS).map(([name, [standard, , , what]]) =>
    `  --${`${name} N`.padEnd(23)}${what} (${standard})`
  ).join("\n")
}
  --out FOLDER             where the report goes (data/load)
  --i-own-this-server      go to a server that is not on this machine

Ends with 0 when every check holds, 1 when one fails, 2 when it could not run,
130 when it was ended early and what was done is right.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const OPTIONS = {
  ...Object.fromEntries(Object.keys(NUMBERS).map((it) => [it, TEXT])),
  server: { ...TEXT, default: "http://127.0.0.1:8000" },
  out: { ...TEXT, default: "data/load" },
  "i-own-this-server": FLAG,
  help: FLAG,
};

/**
 * Reads the command line; `"help"` where that is what was asked for.
 *
 * @throws {InputError} With every fault of the values, each in a line; or with
 * the usage, if there is no such option.
 */
export function readOptions(args: readonly string[]): LoadOptions | "help" {
  const values = readArguments(args, USAGE, OPTIONS);
  if (values.help) return "help";
  const faults: string[] = [];
  const options = optionsOf(values, faults);
  // The rules below can only be checked if every value is a number.
  if (faults.length === 0) faults.push(...faultsOf(options));
  if (faults.length === 0) return options;
  const more = ["", "deno task load --help says what can be set."];
  throw new InputError([...faults, ...more].join("\n"));
}

function optionsOf(
  values: ReturnType<typeof readArguments<typeof OPTIONS>>,
  faults: string[],
) {
  const { server, out, "i-own-this-server": isOwn } = values;
  const texts = values as Readonly<Record<string, unknown>>;
  const number = (name: keyof typeof NUMBERS) => {
    const [standard, min, max] = NUMBERS[name];
    const text = `${texts[name] ?? standard}`;
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    const isWhole = name in WHOLE;
    if (value >= min && value <= max && (!isWhole || value % 1 === 0)) {
      return value;
    }
    const what = isWhole ? "a whole number" : "a number";
    faults.push(`--${name} must be ${what} from ${min} to ${max}`);
    return standard;
  };
  return {
    /** Scheme, host and port. */
    origin: readOrigin(server, isOwn, faults),
    /** Parts of all requests, 0 to 1; the rest are payments. */
    shares: {
      bad: number("bad") / 100,
      repeat: number("repeats") / 100,
      query: number("queries") / 100,
      reverse: number("reversals") / 100,
    },
    wallets: number("wallets"),
    tills: number("tills"),
    merchants: number("merchants"),
    /** Requests a second, all kinds together. */
    rate: number("rate"),
    seconds: number("seconds"),
    /** Bad codes that the server takes of a merchant in a minute. */
    badCodeLimit: number("bad-code-limit"),
    paymentsPerWallet: number("payments-per-wallet"),
    timeoutSeconds: number("timeout"),
    out,
  };
}

/**
 * Why a run is not possible, in sentences; none where it is. A run in which no
 * wallet has a fresh code at some moment says in its report how many requests
 * were not sent.
 */
function faultsOf(options: LoadOptions): string[] {
  const { wallets, tills, merchants, rate, seconds, shares } = options;
  const { badCodeLimit, paymentsPerWallet } = options;
  const others = Object.values(shares).reduce((sum, it) => sum + it);
  // Three codes at once, then one in each step; tills hold some that wait.
  const steps = Math.ceil(seconds / PROFILE_1.timeStepSeconds);
  const codesEach = Math.min(2 + steps, paymentsPerWallet);
  const needed = tills + Math.ceil(rate * seconds * (1 - others) / codesEach);
  const badPerMinute = Math.ceil(60 * rate * shares.bad / merchants);
  return [
    others > 0.95 &&
    "--bad, --repeats, --queries and --reversals together must leave 5 % for payments",
    merchants > tills &&
    "--merchants must not be above --tills: each has one at least",
    rate * seconds > MAX_REQUESTS &&
    `--rate times --seconds must not be above ${MAX_REQUESTS} requests`,
    wallets < needed &&
    `--wallets must be ${needed} at least: each has ${codesEach} codes to pay with in ${seconds} s`,
    badPerMinute > badCodeLimit &&
    `--bad makes ${badPerMinute} bad codes a minute for each merchant, and the server takes ${badCodeLimit}: take more --merchants, or start the server with a higher OFFCODE_BAD_CODE_LIMIT and say so with --bad-code-limit`,
  ].filter((it) => it !== false);
}

function readOrigin(text: string, isOwn: boolean, faults: string[]): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  // Anything beside scheme, host and port makes its text another one.
  if (url === null || !isHttp || url.href !== `${url.origin}/`) {
    faults.push(
      "--server must be an address such as http://127.0.0.1:8000, without path",
    );
    return "";
  }
  if (isLoopback(url.hostname)) return url.origin;
  if (!isOwn) {
    faults.push(
      "--server is not on this machine: a run there takes --i-own-this-server, from somebody who may say so",
    );
  } else if (url.protocol !== "https:") {
    faults.push(
      "--server must be https where it is not on this machine: keys travel in requests",
    );
  }
  return url.origin;
}
