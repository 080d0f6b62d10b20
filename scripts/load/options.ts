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

import { PROFILE_1 } from "../../edge/code/profile.ts";
import { InputError, readArguments } from "../command.ts";

/** What a request is: a new order, a wrong code, an order again, its state, its end. */
export const KINDS = ["pay", "bad", "repeat", "query", "reverse"] as const;

/** A kind of request. */
export type Kind = typeof KINDS[number];

/** A run. */
export type LoadOptions = Readonly<ReturnType<typeof optionsOf>>;

/** The command line does not describe a run. */
export class OptionsError extends InputError {
  /** @param faults One sentence per fault. */
  constructor(readonly faults: readonly string[]) {
    super(
      `${faults.join("\n")}\n\ndeno task load --help says what can be set.`,
    );
  }
}

/** Requests of one run at most. */
export const MAX_REQUESTS = 1_000_000;

const whole = (standard: number, min: number, max: number) =>
  ({ standard, min, max, isWhole: true }) as const;
const number = (standard: number, min: number, max: number) =>
  ({ standard, min, max, isWhole: false }) as const;

const NUMBERS = {
  wallets: whole(1000, 1, 100_000),
  tills: whole(32, 1, 1000),
  merchants: whole(4, 1, 1000),
  rate: number(50, 0.1, 20_000),
  seconds: number(20, 1, 3600),
  bad: number(0, 0, 100),
  repeats: number(0, 0, 100),
  queries: number(0, 0, 100),
  reversals: number(0, 0, 100),
  "bad-code-limit": whole(20, 1, 1e9),
  "payments-per-wallet": whole(50, 1, 1e6),
  timeout: number(10, 0.1, 60),
};
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

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const OPTIONS = {
  ...Object.fromEntries(Object.keys(NUMBERS).map((it) => [it, TEXT])),
  server: { ...TEXT, default: "http://127.0.0.1:8000" },
  spacing: { ...TEXT, default: "poisson" },
  out: { ...TEXT, default: "data/load" },
  "i-own-this-server": FLAG,
  help: FLAG,
};

/**
 * Reads the command line; `"help"` where that is what was asked for.
 *
 * @throws {OptionsError} With every fault of the values.
 * @throws {InputError} With the usage, if there is no such option.
 */
export function readOptions(args: readonly string[]): LoadOptions | "help" {
  const values = readArguments(args, USAGE, OPTIONS);
  if (values.help) return "help";
  const faults: string[] = [];
  const options = optionsOf(values, faults);
  // Of values that are none there is nothing more to say.
  if (faults.length === 0) faults.push(...faultsOf(options));
  if (faults.length > 0) throw new OptionsError(faults);
  return options;
}

function optionsOf(
  values: ReturnType<typeof readArguments<typeof OPTIONS>>,
  faults: string[],
) {
  const texts = values as Readonly<Record<string, unknown>>;
  const number = (name: keyof typeof NUMBERS) =>
    readNumber(name, texts[name] as string | undefined, faults);
  const { server, spacing, out, "i-own-this-server": isOwn } = values;
  if (spacing !== "poisson" && spacing !== "uniform") {
    faults.push("--spacing must be poisson or uniform");
  }
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
    /** How the requests of a run are spread over its time. */
    spacing: spacing as "poisson" | "uniform",
    /** Bad codes a merchant may send a minute, as the server is set. */
    badCodeLimit: number("bad-code-limit"),
    /** Payments that a wallet may make, as the server is set. */
    paymentsPerWallet: number("payments-per-wallet"),
    /** How long an answer may take. */
    timeoutSeconds: number("timeout"),
    /** The folder for the report. */
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
  const faults: string[] = [];
  const others = Object.values(shares).reduce((sum, it) => sum + it);
  if (others > 0.95) {
    faults.push(
      "--bad, --repeats, --queries and --reversals together must leave 5 % for payments",
    );
  }
  if (merchants > tills) {
    faults.push("--merchants must not be above --tills: each has one at least");
  }
  if (rate * seconds > MAX_REQUESTS) {
    faults.push(
      `--rate times --seconds must not be above ${MAX_REQUESTS} requests`,
    );
  }
  // Three codes at once, then one in each step; tills hold some that wait.
  const steps = Math.ceil(seconds / PROFILE_1.timeStepSeconds);
  const codesEach = Math.min(2 + steps, paymentsPerWallet);
  const needed = tills + Math.ceil(rate * seconds * (1 - others) / codesEach);
  if (wallets < needed) {
    faults.push(
      `--wallets must be ${needed} at least: each has ${codesEach} codes to pay with in ${seconds} s`,
    );
  }
  const badPerMinute = Math.ceil(60 * rate * shares.bad / merchants);
  if (badPerMinute > badCodeLimit) {
    faults.push(
      `--bad makes ${badPerMinute} bad codes a minute for each merchant, and the server takes ${badCodeLimit}: take more --merchants, or start the server with a higher OFFCODE_BAD_CODE_LIMIT and say so with --bad-code-limit`,
    );
  }
  return faults;
}

function readNumber(
  name: keyof typeof NUMBERS,
  text: string | undefined,
  faults: string[],
): number {
  const { standard, min, max, isWhole } = NUMBERS[name];
  if (text === undefined) return standard;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  const isGood = value >= min && value <= max &&
    (!isWhole || Number.isInteger(value));
  if (isGood) return value;
  const what = isWhole ? "a whole number" : "a number";
  faults.push(`--${name} must be ${what} from ${min} to ${max}`);
  return standard;
}

function readOrigin(text: string, isOwn: boolean, faults: string[]): string {
  const url = URL.parse(text);
  // Anything beside scheme, host and port makes its text another one.
  if (
    url === null || !/^https?:$/.test(url.protocol) ||
    url.href !== `${url.origin}/`
  ) {
    faults.push(
      "--server must be an address such as http://127.0.0.1:8000, without path",
    );
    return "";
  }
  if (!isLoopback(url.hostname)) {
    if (!isOwn) {
      faults.push(
        "--server is not on this machine: a run there takes --i-own-this-server, from somebody who may say so",
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
