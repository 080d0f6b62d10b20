import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../scripts/command.ts";
import {
  type LoadOptions,
  readOptions,
  USAGE,
} from "../../../scripts/load/options.ts";

function faultsOf(...args: string[]): readonly string[] {
  const { message } = assertThrows(() => readOptions(args), InputError);
  const [faults, help] = message.split("\n\n");
  assertEquals(help, "deno task load --help says what can be set.");
  return faults!.split("\n");
}

Deno.test("readOptions() has a value for everything and takes each in both spellings", () => {
  const standard = readOptions([]) as LoadOptions;
  assertEquals(standard, {
    origin: "http://127.0.0.1:8000",
    wallets: 1000,
    tills: 32,
    merchants: 4,
    rate: 50,
    seconds: 20,
    shares: { bad: 0, repeat: 0, query: 0, reverse: 0 },
    badCodeLimit: 20,
    paymentsPerWallet: 50,
    timeoutSeconds: 10,
    out: "data/load",
  });
  assertEquals(
    readOptions([
      ...["--server", "http://localhost:9/", "--wallets=7", "--tills", "3"],
      ...["--merchants", "2", "--rate", "0.5", "--seconds", "1.5"],
      ...["--bad", "1", "--repeats", "2.5"],
      ...["--queries", "3", "--reversals", "4", "--bad-code-limit", "100"],
      ...["--payments-per-wallet", "9", "--timeout", "0.5", "--out", "x"],
    ]),
    {
      origin: "http://localhost:9",
      wallets: 7,
      tills: 3,
      merchants: 2,
      rate: 0.5,
      seconds: 1.5,
      shares: { bad: 0.01, repeat: 0.025, query: 0.03, reverse: 0.04 },
      badCodeLimit: 100,
      paymentsPerWallet: 9,
      timeoutSeconds: 0.5,
      out: "x",
    },
  );
  assertEquals(readOptions(["--rate", "x", "--help"]), "help");
});

Deno.test("readOptions() names every fault of the values at once", () => {
  assertEquals(
    faultsOf(
      ...["--server", "ftp://h/", "--wallets", "1.5", "--tills", "0"],
      ...["--rate", "-5", "--seconds=1e2"],
      ...["--bad", "101", "--timeout", "61"],
    ),
    [
      "--server must be an address such as http://127.0.0.1:8000, without path",
      "--bad must be a number from 0 to 100",
      "--wallets must be a whole number from 1 to 100000",
      "--tills must be a whole number from 1 to 1000",
      "--rate must be a number from 0.1 to 20000",
      "--seconds must be a number from 1 to 3600",
      "--timeout must be a number from 0.1 to 60",
    ],
  );
  for (
    const [args, fault] of [
      [["now"], "There is a word too many"],
      [["-x"], "There is no such option; the nearest is --bad"],
      [["--rte", "5"], "There is no such option; the nearest is --rate"],
      [["--help=1"], "Option '--help' does not take an argument"],
      [
        ["--out", "--x"],
        "Option '--out' argument is ambiguous. Did you forget to specify the option argument for '--out'? To specify an option argument starting with a dash use '--out=-XYZ'.",
      ],
      [["--rate"], "Option '--rate <value>' argument missing"],
    ] as const
  ) {
    const { message } = assertThrows(() => readOptions(args), InputError);
    assertEquals(message, `${USAGE}\n\n${fault}`);
  }
});

Deno.test("readOptions() bounds the whole run and its shares", () => {
  const many = ["--wallets", "100000", "--payments-per-wallet", "50"];
  assertEquals(faultsOf(...many, "--rate", "20000", "--seconds", "51"), [
    "--rate times --seconds must not be above 1000000 requests",
    "--wallets must be 255032 at least: each has 4 codes to pay with in 51 s",
  ]);
  const shares = ["--bad", "50", "--bad-code-limit", "1000"];
  readOptions([...shares, "--repeats", "45"]);
  assertEquals(faultsOf(...shares, "--repeats", "45.1"), [
    "--bad, --repeats, --queries and --reversals together must leave 5 % for payments",
  ]);
  assertEquals(faultsOf("--tills", "3"), [
    "--merchants must not be above --tills: each has one at least",
  ]);
});

Deno.test("readOptions() asks for as many wallets as the payments need", () => {
  // Three codes of each that waits at no till.
  const run = ["--rate", "50", "--seconds", "30", "--tills", "32"];
  readOptions([...run, "--wallets", "532"]);
  assertEquals(faultsOf(...run, "--wallets", "531"), [
    "--wallets must be 532 at least: each has 3 codes to pay with in 30 s",
  ]);
  readOptions([...run, "--wallets", "432", "--queries", "20"]);
  assertEquals(faultsOf(...run, "--payments-per-wallet", "1"), [
    "--wallets must be 1532 at least: each has 1 codes to pay with in 30 s",
  ]);
});

Deno.test("readOptions() keeps bad codes below what the server takes of a merchant", () => {
  const run = ["--rate", "100", "--bad", "1", "--merchants", "3"];
  readOptions(run);
  assertEquals(faultsOf(...run, "--bad-code-limit", "19"), [
    "--bad makes 20 bad codes a minute for each merchant, and the server takes 19: take more --merchants, or start the server with a higher OFFCODE_BAD_CODE_LIMIT and say so with --bad-code-limit",
  ]);
});

Deno.test("readOptions() goes to another machine only for its owner, and by https", () => {
  const remote =
    "--server is not on this machine: a run there takes --i-own-this-server, from somebody who may say so";
  for (
    const url of [
      "https://pay.example",
      "http://10.0.0.1:8000",
      "http://128.0.0.1",
      "http://[::2]:1",
      "http://localhost.example",
      "http://127.0.0.1.example",
    ]
  ) {
    assertEquals(faultsOf("--server", url), [remote], url);
  }
  assertEquals(faultsOf("--server", "http://10.0.0.1", "--i-own-this-server"), [
    "--server must be https where it is not on this machine: keys travel in requests",
  ]);
  const own = ["--server", "https://pay.example", "--i-own-this-server"];
  assertEquals((readOptions(own) as LoadOptions).origin, "https://pay.example");
  for (
    const url of ["http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:1"]
  ) {
    const { origin } = readOptions(["--server", url]) as LoadOptions;
    assertEquals(origin, url);
  }
  for (
    const url of [
      "http://u@127.0.0.1",
      "http://:p@127.0.0.1",
      "http://127.0.0.1/v1",
      "http://127.0.0.1/?x",
      "http://127.0.0.1/#x",
      "127.0.0.1:8000",
    ]
  ) {
    assertEquals(faultsOf("--server", url).length, 1, url);
  }
});
