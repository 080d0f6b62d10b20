import { assertEquals, assertThrows } from "@std/assert";
import {
  isLoopback,
  type LoadOptions,
  OptionsError,
  readOptions,
} from "../../../scripts/load/options.ts";

function faultsOf(...args: string[]): readonly string[] {
  return assertThrows(() => readOptions(args), OptionsError).faults;
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
    spacing: "poisson",
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
      ...["--spacing", "uniform", "--bad", "1", "--repeats", "2.5"],
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
      spacing: "uniform",
      shares: { bad: 0.01, repeat: 0.025, query: 0.03, reverse: 0.04 },
      badCodeLimit: 100,
      paymentsPerWallet: 9,
      timeoutSeconds: 0.5,
      out: "x",
    },
  );
  assertEquals(readOptions(["--rate", "x", "--help"]), "help");
});

Deno.test("readOptions() names every fault at once", () => {
  assertEquals(
    faultsOf(
      ...["now", "-x", "--speed", "3", "--help=1"],
      ...["--server", "ftp://h/", "--wallets", "1.5", "--tills", "0"],
      ...["--rate", "1e3", "--seconds", "-1", "--spacing", "even"],
      ...["--bad", "101", "--timeout", "61", "--out", "--x"],
    ),
    [
      "Only options are taken, and each begins with --",
      "There is no option -x",
      "There is no option --speed",
      "Only options are taken, and each begins with --",
      "--help takes no value",
      "--out needs a value",
      "--spacing must be poisson or uniform",
      "--server must be an address such as http://127.0.0.1:8000, without path",
      "--bad must be a number from 0 to 100",
      "--wallets must be a whole number from 1 to 100000",
      "--tills must be a whole number from 1 to 1000",
      "--rate must be a number from 0.1 to 20000",
      "--seconds must be a number from 1 to 3600",
      "--timeout must be a number from 0.1 to 60",
    ],
  );
});

Deno.test("readOptions() bounds the whole run and its shares", () => {
  assertEquals(faultsOf("--rate", "20000", "--seconds", "51"), [
    "--rate times --seconds must not be above 1000000 requests",
  ]);
  assertEquals(faultsOf("--bad", "50", "--repeats", "46"), [
    "--bad, --repeats, --queries and --reversals together must leave 5 % for payments",
  ]);
  assertEquals(faultsOf("--tills", "3"), [
    "--merchants must not be above --tills: each has one at least",
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

Deno.test("isLoopback() knows this machine by its names, not by names that begin alike", () => {
  for (const it of ["localhost", "127.0.0.1", "127.255.0.9", "[::1]"]) {
    assertEquals(isLoopback(it), true, it);
  }
  for (
    const it of ["127.0.0.1.nip.io", "localhost.", "127.1x.0.1", "0.0.0.0"]
  ) {
    assertEquals(isLoopback(it), false, it);
  }
});
