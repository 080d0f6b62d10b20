/**
 * The demo's story, told over HTTP: two phones, two shops, and every answer
 * that a till meets on an ordinary day, with what it means, what the cashier
 * does and what the shop's own server is told.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Phone } from "../phone.ts";
import { Cast, check, type DemoShop, misread, money } from "./cast.ts";
import type { DemoEdge } from "./edge.ts";
import type { Screen } from "./screen.ts";

const START_MINOR = 10_000;

/** How the story is told. */
export interface Telling {
  /** Puts the edge's and the phones' clock forward instead of waiting. */
  readonly fast: boolean;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

interface Scene {
  readonly corner: DemoShop;
  readonly books: DemoShop;
  readonly alice: Phone;
  readonly bob: Phone;
}

/**
 * Tells the story to its end and returns one line that sums it up.
 *
 * @throws {UnexpectedAnswerError} At the first answer that is not as expected.
 */
export async function tellStory(
  edge: DemoEdge,
  screen: Screen,
  telling: Telling,
): Promise<string> {
  await using cast = new Cast(edge, screen);
  screen.line("Offcode: two phones without a network, two shops with one");
  screen.text(`The edge runs in this process, on ${edge.origin}.`);
  const scene = await gather(cast);
  const wrongCode = await payFirst(cast, scene, telling);
  return await balanceBooks(cast, scene, wrongCode);
}

async function gather(cast: Cast): Promise<Scene> {
  const { api, screen, edge: { adminKey } } = cast;
  screen.heading("1  Shops and phones");
  const corner = await cast.openShop("Corner Shop");
  const books = await cast.openShop("Book Nook");
  screen.text(
    `Two shops have a key for their tills: ${corner.name} and ${books.name}. Each has a server, too, and gave its address for callbacks.`,
  );
  const walletKey = await api.addWallet(adminKey, "wallet backend");
  cast.secrets.push(walletKey);
  const { phone: alice } = await cast.enrol(walletKey, "alice");
  const { phone: bob } = await cast.enrol(walletKey, "bob");
  screen.text(
    "Two phones are enrolled. Each received a seed, once, sealed to its own key. From here on the phones are offline.",
  );
  await api.setBalance(adminKey, "alice", START_MINOR);
  screen.text(`Alice has ${money(START_MINOR)}, Bob has nothing.`);
  return { corner, books, alice, bob };
}

/** Parts 2 to 8. Gives the code that was misread. */
async function payFirst(
  cast: Cast,
  { corner, books, alice, bob }: Scene,
  telling: Telling,
): Promise<string> {
  const { screen } = cast;
  screen.heading("2  Alice shows a payment code");
  screen.text("Her phone makes it of its seed and the time. It asks nobody.");
  const { digits: code, endsMs } = cast.show(alice, true);

  screen.heading("3  Corner Shop scans it");
  const paid = await cast.scan(corner, code, "C-1001", 1250, {
    answer: "201 succeeded",
    means:
      "Alice's seed made this code, nobody had used it, and her money has moved.",
    cashier: "Hand over the goods.",
  });
  await cast.hear(corner, "payment.succeeded", "C-1001");

  screen.heading("4  The reply got lost, so the till sends the order again");
  const again = await cast.scan(corner, code, "C-1001", 1250, {
    answer: "200 succeeded, repeat",
    means:
      "The order is paid, by the same payment as before. Nothing new was charged. A till may repeat an order as often as it likes.",
  });
  check(
    again.body.payment_id === paid.body.payment_id,
    "The repeated order names another payment",
  );

  screen.heading("5  Somebody shows a photo of that code at Book Nook");
  await cast.scan(books, code, "B-1", 2000, {
    answer: "409 code-replayed",
    means: "A code counts once, in any shop and on any edge. Nobody pays.",
  });

  screen.heading("6  One digit was misread");
  await cast.scan(books, misread(code), "B-1", 2000, {
    answer: "422 code-not-accepted",
    means:
      "No seed makes this code now. Unknown, wrong, too old and too early all look the same, so that guessing teaches nothing.",
  });

  screen.heading("7  Bob has a good code and no money");
  await cast.scan(books, cast.show(bob).digits, "B-2", 999, {
    answer: "422 payment-declined, insufficient_funds",
    means: "The code is Bob's, but the ledger said no. The code is spent.",
  });
  await cast.hear(books, "payment.declined", "B-2");

  screen.heading("8  Alice buys a book with her next code");
  await waitUntil(cast, endsMs, telling);
  const second = cast.show(alice, true);
  screen.line();
  await cast.scan(books, second.digits, "B-3", 420, {
    answer: "201 succeeded",
    means: "A new code, a new payment. The phone still was not online.",
    cashier: "Hand over the book.",
  });
  await cast.hear(books, "payment.succeeded", "B-3");
  return misread(code);
}

async function waitUntil(
  { screen, edge: { clock } }: Cast,
  endsMs: number,
  { fast, signal }: Telling,
): Promise<void> {
  if (fast) {
    screen.text("--fast: the demo's clock is put forward instead of waiting.");
  }
  await screen.countdown(
    "Alice's phone shows the next code",
    () => endsMs - clock.nowMs(),
    fast
      ? (ms) => Promise.resolve(clock.advance(ms))
      : (ms) => sleep(ms, undefined, signal && { signal }),
  );
  signal?.throwIfAborted();
}

async function balanceBooks(
  cast: Cast,
  { corner, books }: Scene,
  wrongCode: string,
): Promise<string> {
  const { api, screen, edge, callbacks } = cast;
  screen.heading("9  The books are balanced");
  let sum = 0;
  for (const [shop, order] of [[corner, "C-1001"], [books, "B-3"]] as const) {
    const path = `/v1/payments?order_id=${order}`;
    const { body } = await api.call("200 succeeded", "GET", path, shop.key);
    screen.text(`${shop.name}, order ${order}: ${money(body.amount_minor!)}`);
    sum += body.amount_minor!;
  }
  const left = await api.balance(edge.adminKey, "alice");
  const bobs = await api.balance(edge.adminKey, "bob");
  screen.text(`Alice: ${money(START_MINOR)} - ${money(sum)} = ${money(left)}`);
  check(sum === 1670, `The shops were paid ${money(sum)}`);
  check(left === START_MINOR - sum, `Alice has ${money(left)} left`);
  check(bobs === 0, "Bob's balance has changed");

  const more = corner.arrived.length + books.arrived.length;
  check(more === 0, `${more} callbacks came that nobody asked for`);
  screen.text(
    `The shops' servers were told ${callbacks} times, once for each payment that ended.`,
  );

  const secrets = [...cast.secrets, wrongCode];
  const isLeak = (line: string) =>
    secrets.some((it) => line.includes(it)) ||
    cast.phones.some((it) => it.isIn(line));
  const { logged } = edge;
  check(!logged.some(isLeak), "A code, a key or a seed is in the server's log");
  screen.text(
    `The server logged ${logged.length} lines; no code, key or seed is in them.`,
  );
  return `All ${api.answers} answers and ${callbacks} callbacks were as expected: two payments of ${
    money(sum)
  } together, nothing charged twice.`;
}
