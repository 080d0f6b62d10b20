/**
 * The demo's story, told over HTTP: two phones, two shops, and every answer
 * that a till meets on an ordinary day, with what it means, what the cashier
 * does and what the shop's own server is told. An answer or a callback other
 * than the expected one ends it.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, Api, describe, UnexpectedAnswerError } from "./api.ts";
import type { DemoEdge } from "./edge.ts";
import { Phone, type ShownCode } from "../phone.ts";
import { describeTaken } from "../till/lines.ts";
import type { Screen } from "./screen.ts";
import { ShopServer } from "./shop.ts";

interface Shop {
  readonly name: string;
  readonly key: string;
  /** Is told by callbacks how payments end. */
  readonly server: ShopServer;
}

/** A purchase at a till, and what should come of it. */
interface Scan {
  readonly shop: Shop;
  readonly code: string;
  readonly order: string;
  readonly amountMinor: number;
  readonly expected: string;
  /** What the answer means. */
  readonly means: string;
  /** What the cashier does, where the answer does not say so itself. */
  readonly cashier?: string;
}

const CURRENCY = "EUR";
const START_MINOR = 10_000;
const money = (minor: number) => `${(minor / 100).toFixed(2)} ${CURRENCY}`;

/** How the story is told. */
export interface Telling {
  /** Puts the edge's and the phones' clock forward instead of waiting. */
  readonly fast: boolean;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

/**
 * Tells the story to its end and returns one line that sums it up.
 *
 * @throws {UnexpectedAnswerError} At the first answer that is not as expected.
 */
export async function tellStory(
  edge: DemoEdge,
  screen: Screen,
  { fast, signal }: Telling,
): Promise<string> {
  const { clock, core } = edge;
  const api = new Api(edge.origin);
  const shown = new Set<string>();
  const keys: string[] = [edge.adminKey];

  await using servers = new AsyncDisposableStack();

  async function openShop(name: string): Promise<Shop> {
    const path = "/v1/admin/merchants";
    const { body } = await api.call("201 active", "POST", path, edge.adminKey, {
      name,
    });
    const server = servers.use(new ShopServer());
    const key = body.api_key!;
    const endpoint = await api.call(
      ...["201 active", "PUT", "/v1/callback-endpoint", key] as const,
      { url: server.url },
    );
    const secret = endpoint.body.secret!;
    server.trust(secret);
    keys.push(key, secret);
    return { name, key, server };
  }

  let callbacks = 0;

  /** The shop's server is told what became of an order. */
  async function hear(shop: Shop, type: string, order: string): Promise<void> {
    const taken = await shop.server.next();
    const event = taken.kind === "refused" ? undefined : taken.event;
    check(
      taken.kind === "new" && event?.type === type &&
        event.payment?.order_id === order,
      `The callback of ${order} is ${
        [taken.kind, event?.type].filter((it) => it).join(", ")
      }`,
    );
    callbacks++;
    screen.labeled("callback", describeTaken(taken));
    screen.labeled("", `${shop.name}'s own server verified its signature.`);
  }

  async function enrol(walletKey: string, account: string): Promise<Phone> {
    const phone = await Phone.make(core);
    const path = "/v1/enrolments";
    const { text } = await api.call("201", "POST", path, walletKey, {
      account_id: account,
      device_id: `phone-of-${account}`,
      device_key: phone.deviceKey,
    });
    await phone.receive(text);
    return phone;
  }

  const account = (name: string) => `/v1/admin/sandbox/accounts/${name}`;

  async function balance(name: string): Promise<number> {
    const { body } = await api.call("200", "GET", account(name), edge.adminKey);
    return body.balance_minor!;
  }

  function show(phone: Phone): ShownCode {
    const code = phone.show(clock.nowMs());
    shown.add(code.digits);
    return code;
  }

  function picture({ digits, endsMs }: ShownCode): void {
    screen.line();
    screen.qr(digits);
    const [prefix, profile, bucket, tag] = /^(..)(.)(....)(.*)$/.exec(digits)!
      .slice(1);
    screen.labeled("code", digits);
    screen.labeled(
      "",
      `prefix ${prefix}, profile ${profile}, bucket ${bucket}, tag ${tag}`,
    );
    const seconds = Math.ceil((endsMs - clock.nowMs()) / 1000);
    screen.labeled("shown", `for ${seconds} s more, accepted 30 s longer`);
  }

  async function scan(purchase: Scan): Promise<Answer> {
    const { shop, code, order, amountMinor, expected, means } = purchase;
    const path = "/v1/payments";
    screen.labeled(
      "till",
      `POST ${path}: ${order}, ${money(amountMinor)}, ${code}`,
    );
    const answer = await api.call(expected, "POST", path, shop.key, {
      code,
      order_id: order,
      amount_minor: amountMinor,
      currency: CURRENCY,
    });
    screen.answer(describe(answer), answer.status < 300);
    screen.labeled("means", means);
    screen.labeled("cashier", purchase.cashier ?? answer.body.cashier!.en);
    return answer;
  }

  function check(holds: boolean, fault: string): void {
    if (!holds) throw new UnexpectedAnswerError(fault);
  }

  screen.line("Offcode: two phones without a network, two shops with one");
  screen.text(`The edge runs in this process, on ${edge.origin}.`);

  screen.heading("1  Shops and phones");
  const corner = await openShop("Corner Shop");
  const books = await openShop("Book Nook");
  screen.text(
    `Two shops have a key for their tills: ${corner.name} and ${books.name}. Each has a server, too, and gave its address for callbacks.`,
  );
  const wallet = await api.call(
    ...["201", "POST", "/v1/admin/wallet-keys", edge.adminKey] as const,
    { name: "wallet backend" },
  );
  keys.push(wallet.body.api_key!);
  const alice = await enrol(wallet.body.api_key!, "alice");
  const bob = await enrol(wallet.body.api_key!, "bob");
  screen.text(
    "Two phones are enrolled. Each received a seed, once, sealed to its own key. From here on the phones are offline.",
  );
  await api.call("200", "PUT", account("alice"), edge.adminKey, {
    balance_minor: START_MINOR,
    currency: CURRENCY,
  });
  screen.text(`Alice has ${money(START_MINOR)}, Bob has nothing.`);

  screen.heading("2  Alice shows a payment code");
  screen.text("Her phone makes it of its seed and the time. It asks nobody.");
  const first = show(alice);
  picture(first);

  screen.heading("3  Corner Shop scans it");
  const coffee = {
    shop: corner,
    code: first.digits,
    order: "C-1001",
    amountMinor: 1250,
  };
  const paid = await scan({
    ...coffee,
    expected: "201 succeeded",
    means:
      "Alice's seed made this code, nobody had used it, and her money has moved.",
    cashier: "Hand over the goods.",
  });
  await hear(corner, "payment.succeeded", "C-1001");

  screen.heading("4  The reply got lost, so the till sends the order again");
  const again = await scan({
    ...coffee,
    expected: "200 succeeded, repeat",
    means:
      "The order is paid, by the same payment as before. Nothing new was charged. A till may repeat an order as often as it likes.",
  });
  check(
    again.body.payment_id === paid.body.payment_id,
    "The repeated order names another payment",
  );

  screen.heading("5  Somebody shows a photo of that code at Book Nook");
  await scan({
    shop: books,
    code: first.digits,
    order: "B-1",
    amountMinor: 2000,
    expected: "409 code-replayed",
    means: "A code counts once, in any shop and on any edge. Nobody pays.",
  });

  screen.heading("6  One digit was misread");
  await scan({
    shop: books,
    code: misread(first.digits),
    order: "B-1",
    amountMinor: 2000,
    expected: "422 code-not-accepted",
    means:
      "No seed makes this code now. Unknown, wrong, too old and too early all look the same, so that guessing teaches nothing.",
  });

  screen.heading("7  Bob has a good code and no money");
  await scan({
    shop: books,
    code: show(bob).digits,
    order: "B-2",
    amountMinor: 999,
    expected: "422 payment-declined, insufficient_funds",
    means: "The code is Bob's, but the ledger said no. The code is spent.",
  });
  await hear(books, "payment.declined", "B-2");

  screen.heading("8  Alice buys a book with her next code");
  if (fast) {
    screen.text("--fast: the demo's clock is put forward instead of waiting.");
  }
  await screen.countdown(
    "Alice's phone shows the next code",
    () => first.endsMs - clock.nowMs(),
    fast
      ? (ms) => Promise.resolve(clock.advance(ms))
      : (ms) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  );
  signal?.throwIfAborted();
  const second = show(alice);
  picture(second);
  screen.line();
  await scan({
    shop: books,
    code: second.digits,
    order: "B-3",
    amountMinor: 420,
    expected: "201 succeeded",
    means: "A new code, a new payment. The phone still was not online.",
    cashier: "Hand over the book.",
  });
  await hear(books, "payment.succeeded", "B-3");

  screen.heading("9  The books are balanced");
  let sum = 0;
  for (const [shop, order] of [[corner, "C-1001"], [books, "B-3"]] as const) {
    const path = `/v1/payments?order_id=${order}`;
    const { body } = await api.call("200 succeeded", "GET", path, shop.key);
    screen.text(`${shop.name}, order ${order}: ${money(body.amount_minor!)}`);
    sum += body.amount_minor!;
  }
  const left = await balance("alice");
  screen.text(`Alice: ${money(START_MINOR)} - ${money(sum)} = ${money(left)}`);
  check(sum === 1670, `The shops were paid ${money(sum)}`);
  check(left === START_MINOR - sum, `Alice has ${money(left)} left`);
  check(await balance("bob") === 0, "Bob's balance has changed");

  const more = corner.server.unread + books.server.unread;
  check(more === 0, `${more} callbacks came that nobody asked for`);
  screen.text(
    `The shops' servers were told ${callbacks} times, once for each payment that ended.`,
  );

  const secrets = [...shown, misread(first.digits), ...keys];
  const leaks = edge.logged.filter((line) =>
    secrets.some((it) => line.includes(it)) || alice.isIn(line) ||
    bob.isIn(line)
  );
  check(leaks.length === 0, "A code, a key or a seed is in the server's log");
  screen.text(
    `The server logged ${edge.logged.length} lines; no code, key or seed is in them.`,
  );

  return `All ${api.answers} answers and ${callbacks} callbacks were as expected: two payments of ${
    money(sum)
  } together, nothing charged twice.`;
}

/** The code with another last digit. */
function misread(code: string): string {
  return code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
}
