/**
 * `deno task till`: a merchant's server for playing a shop. It receives
 * callbacks, verifies them and prints one line for each; with `--pay` it also
 * takes scanned codes from standard input and has an amount paid with each.
 *
 * Keys and secrets come from the environment or from a file, never from an
 * argument, and are never printed.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./client.ts";
import {
  InputError,
  interrupted,
  linesOf,
  readArguments,
  runCommand,
  serverOf,
} from "./command.ts";
import { formatAmount } from "../edge/base/currencies.ts";
import { describeTaken, Inbox, line } from "./till/inbox.ts";
import { type Call, callWith, Till } from "./till/pay.ts";
import { type Receiver, startReceiver } from "./till/receiver.ts";

const USAGE = `Usage: deno task till [options]

  --port <n>            port of the callbacks' receiver; 8787 unless given
  --host <address>      address to listen on; 127.0.0.1 unless given
  --secret-file <path>  file that holds the endpoint's secret, whsec_…
  --register            makes this receiver the merchant's callback endpoint
  --url <url>           registers this address of it, such as a tunnel's
  --pay <minor units>   takes a code a line from standard input, as a scanner
                        writes them, and has this amount paid with each
  --currency <code>     of that amount; EUR unless given

Environment:
  OFFCODE_CALLBACK_SECRET  the secret, unless it is in a file or registered
  OFFCODE                  address of the edge, with --register and --pay
  OFFCODE_MERCHANT_KEY     the merchant's key, with --register and --pay`;

/** The edge answers a payment within its ledger's time, about ten seconds. */
const TIMEOUT_MS = 20_000;

function readTillArguments(args: readonly string[]) {
  const asked = readArguments(args, USAGE, {
    port: { type: "string", default: "8787" },
    host: { type: "string", default: "127.0.0.1" },
    "secret-file": { type: "string" },
    register: { type: "boolean", default: false },
    url: { type: "string" },
    pay: { type: "string" },
    currency: { type: "string", default: "EUR" },
  });
  const { port, pay = "0", currency, register, url } = asked;
  const isUsable = /^\d{1,5}$/.test(port) && Number(port) <= 65_535 &&
    /^(0|[1-9]\d{0,11})$/.test(pay) && asked.pay !== "0" &&
    /^[A-Z]{3}$/.test(currency);
  if (!isUsable) throw new InputError(USAGE);
  return {
    ...asked,
    port: Number(port),
    register: register || url !== undefined,
    /** 0: nothing is paid. */
    amountMinor: Number(pay),
  };
}

function readCall(): Call {
  const origin = Deno.env.get("OFFCODE");
  const key = Deno.env.get("OFFCODE_MERCHANT_KEY");
  if (origin && key) {
    return callWith(new Api(serverOf(origin), TIMEOUT_MS), key);
  }
  throw new InputError(
    "OFFCODE and OFFCODE_MERCHANT_KEY must be set: the address of the edge " +
      "and the merchant's key",
  );
}

async function readSecret(secretFile: string | undefined): Promise<string> {
  const secret = secretFile === undefined
    ? Deno.env.get("OFFCODE_CALLBACK_SECRET")
    : await Deno.readTextFile(secretFile).catch(() => {
      throw new InputError("The secret file cannot be read");
    });
  if (secret) return secret.trim();
  throw new InputError(
    "OFFCODE_CALLBACK_SECRET must be set, or --secret-file or --register given",
  );
}

/** Has callbacks sent to a URL and returns the secret that signs them. */
async function register(call: Call, url: string): Promise<string> {
  const put = await call("PUT", "/v1/callback-endpoint", { url });
  // The endpoint was known already. Its secret was shown only once, so a new
  // one is made.
  const answer = put?.status === 200
    ? await call("POST", "/v1/callback-endpoint/rotations")
    : put;
  const { secret } = answer?.body ?? {};
  if (secret !== undefined) return secret;
  const reason = answer?.body.detail ?? "the edge did not answer";
  const hint = put?.status === 400
    ? "\n(http: and private addresses need OFFCODE_CALLBACKS_INSECURE=1 there)"
    : "";
  throw new InputError(`The endpoint was not registered: ${reason}${hint}`);
}

function openInbox(secret: string): Inbox {
  try {
    return new Inbox(secret);
  } catch {
    throw new InputError("The secret must be whsec_ and base64");
  }
}

async function takeCodes(
  call: Call,
  amountMinor: number,
  currency: string,
): Promise<void> {
  const day = Date.now().toString(36);
  let orders = 0;
  const till = new Till({
    ...{ call, amountMinor, currency, sleep },
    newOrderId: () => `till-${day}-${++orders}`,
  });
  const say = (...what: string[]) => console.log(line("till", ...what));
  say(`scan codes for ${formatAmount(amountMinor, currency)}`);
  for await (const scanned of linesOf(Deno.stdin.readable)) {
    const code = scanned.trim();
    if (code === "") continue;
    // A scanned code is not printed, because anybody who sees it can pay with
    // it for a minute.
    if (!/^\d{16,24}$/.test(code)) {
      say("That was no payment code. Scan again.");
      continue;
    }
    const { orderId, says } = await till.scan(code);
    say(orderId, says);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const asked = readTillArguments(args);
  const { register: isRegistered, amountMinor, currency } = asked;
  const call = isRegistered || amountMinor > 0 ? readCall() : null;
  let inbox = isRegistered
    ? null
    : openInbox(await readSecret(asked["secret-file"]));
  let receiver: Receiver;
  try {
    receiver = startReceiver({
      ...{ hostname: asked.host, port: asked.port },
      inbox: () => inbox,
      work: (taken) => console.log(describeTaken(taken)),
    });
  } catch (error) {
    throw new InputError(
      `Port ${asked.port} cannot be had: ${(error as Error).message}`,
    );
  }
  await using server = receiver;
  const stopped = interrupted();
  if (isRegistered) {
    inbox = openInbox(await register(call!, asked.url ?? server.url));
  }
  console.log(line("listens", server.url));
  if (amountMinor > 0) {
    await Promise.race([takeCodes(call!, amountMinor, currency), stopped]);
  }
  // Callbacks may still come after the last code.
  await stopped;
  return 0;
}

if (import.meta.main) await runCommand(main);
