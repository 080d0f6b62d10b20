// Runs a wallet where it was loaded: what Deno, a worker and Node have in common.
// The module of the wallet, what to open it with and what to show come in; the
// versions and the codes go out.

/** Opens a wallet, updates it, opens it again from what it kept, and shows codes. */
export async function runWallet(
  { WalletCore },
  { wasm, description, signed, trusted, seeds, unixMs },
) {
  const builtIn = { wasm, description };
  const first = await WalletCore.open(trusted, builtIn, null);
  const before = first.version;
  const update = await first.update({
    origin: "https://edge.example",
    needed: [1, 2],
    nowMs: unixMs,
    fetch: (url) =>
      Promise.resolve(
        new URL(url).pathname === "/v1/cores/current"
          ? Response.json(signed)
          : new Response(wasm),
      ),
  });
  const again = await WalletCore.open(trusted, builtIn, update.core);
  return {
    versions: [before, first.version, again.version],
    update: update.kind,
    codes: seeds.map((seed) => again.code(seed, unixMs).digits),
  };
}
