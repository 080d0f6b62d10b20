/**
 * The demo's story, told over HTTP: two phones, two shops, and every answer
 * that a till meets on an ordinary day, with what it means, what the cashier
 * does and what the shop's own server is told.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Phone, ShownCode } from "../phone.ts";
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

/** Two shops and two phones. */
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
  const first = await payFirst(cast, scene);
  await misuseFirst(cast, scene, first);
  await payNext(cast, scene, first, telling);
  return await balanceBooks(cast, scene, misread(first.digits));
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
  const alice = await cast.enrol(walletKey, "alice");
  const bob = await cast.enrol(walletKey, "bob");
  screen.text(
    "Two phones are enrolled. Each received a seed, once, sealed to its own key. From here on the phones are offline.",
  );
  await api.setBalance(adminKey, "alice", START_MINOR);
  screen.text(`Alice has ${money(START_MINOR)}, Bob has nothing.`);
  return { corner, books, alice, bob };
}

async function payFirst(
  cast: Cast,
  { corner, alice }: Scene,
): Promise<ShownCode> {
  const { screen } = cast;
  screen.heading("2  Alice shows a payment code");
  screen.text("Her phone makes it of its seed and the time. It asks nobody.");
  const first = cast.show(alice);
  cast.picture(first);

  screen.heading("3  Corner Shop scans it");
  const coffee = {
    shop: corner,
    code: first.digits,
    order: "C-1001",
    amountMinor: 1250,
  };
  const paid = await cast.scan({
    ...coffee,
    expected: "201 succeeded",
    means:
      "Alice's seed made this code, nobody had used it, and her money has moved.",
    cashier: "Hand over the goods.",
  });
  await cast.hear(corner, "payment.succeeded", "C-1001");

  screen.heading("4  The reply got lost, so the till sends the order again");
  const again = await cast.scan({
    ...coffee,
    expected: "200 succeeded, repeat",
    means:
      "The order is paid, by the same payment as before. Nothing new was charged. A till may repeat an order as often as it likes.",
  });
  check(
    again.body.payment_id === paid.body.payment_id,
    "The repeated order names another payment",
  );
  return first;
}

async function misuseFirst(
  cast: Cast,
  { books, bob }: Scene,
  first: ShownCode,
): Promise<void> {
  const { screen } = cast;
  screen.heading("5  Somebody shows a photo of that code at Book Nook");
  const book = { shop: books, order: "B-1", amountMinor: 2000 };
  await cast.scan({
    ...book,
    code: first.digits,
    expected: "409 code-replayed",
    means: "A code counts once, in any shop and on any edge. Nobody pays.",
  });

  screen.heading("6  One digit was misread");
  await cast.scan({
    ...book,
    code: misread(first.digits),
    expected: "422 code-not-accepted",
    means:
      "No seed makes this code now. Unknown, wrong, too old and too early all look the same, so that guessing teaches nothing.",
  });

  screen.heading("7  Bob has a good code and no money");
  await cast.scan({
    shop: books,
    code: cast.show(bob).digits,
    order: "B-2",
    amountMinor: 999,
    expected: "422 payment-declined, insufficient_funds",
    means: "The code is Bob's, but the ledger said no. The code is spent.",
  });
  await cast.hear(books, "payment.declined", "B-2");
}

async function payNext(
  cast: Cast,
  { books, alice }: Scene,
  first: ShownCode,
  { fast, signal }: Telling,
): Promise<void> {
  const { screen, edge: { clock } } = cast;
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
  const second = cast.show(alice);
  cast.picture(second);
  screen.line();
  await cast.scan({
    shop: books,
    code: second.digits,
    order: "B-3",
    amountMinor: 420,
    expected: "201 succeeded",
    means: "A new code, a new payment. The phone still was not online.",
    cashier: "Hand over the book.",
  });
  await cast.hear(books, "payment.succeeded", "B-3");
}

async function balanceBooks(
  cast: Cast,
  { corner, books }: Scene,
  misreadCode: string,
): Promise<string> {
  const { api, screen, edge } = cast;
  screen.heading("9  The books are balanced");
  let sum = 0;
  for (const [shop, order] of [[corner, "C-1001"], [books, "B-3"]] as const) {
    const path = `/v1/payments?order_id=${order}`;
    const { body } = await api.call("200 succeeded", "GET", path, shop.key);
    screen.text(`${shop.name}, order ${order}: ${money(body.amount_minor!)}`);
    sum += body.amount_minor!;
  }
  const left = await api.balance(edge.adminKey, "alice");
  screen.text(`Alice: ${money(START_MINOR)} - ${money(sum)} = ${money(left)}`);
  check(sum === 1670, `The shops were paid ${money(sum)}`);
  check(left === START_MINOR - sum, `Alice has ${money(left)} left`);
  check(
    await api.balance(edge.adminKey, "bob") === 0,
    "Bob's balance has changed",
  );

  const { callbacks } = cast;
  const more = corner.server.unread + books.server.unread;
  check(more === 0, `${more} callbacks came that nobody asked for`);
  screen.text(
    `The shops' servers were told ${callbacks} times, once for each payment that ended.`,
  );

  const secrets = [...cast.secrets, misreadCode];
  const leaks = edge.logged.filter((line) =>
    secrets.some((it) => line.includes(it)) ||
    cast.phones.some((it) => it.isIn(line))
  );
  check(leaks.length === 0, "A code, a key or a seed is in the server's log");
  screen.text(
    `The server logged ${edge.logged.length} lines; no code, key or seed is in them.`,
  );
  return `All ${api.answers} answers and ${callbacks} callbacks were as expected: two payments of ${
    money(sum)
  } together, nothing charged twice.`;
}
