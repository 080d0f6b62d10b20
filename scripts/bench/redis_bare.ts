/**
 * What `POST /v1/verifications` over Redis is measured against: a bare Hono
 * handler that parses the same JSON and runs one EVALSHA over four keys of the
 * same sizes, two of them written, with the same client on the same settings.
 * It verifies nothing.
 *
 * `BARE=script` runs a script that gets four keys and sets two, nothing else;
 * `BARE=store` makes the transaction of a verification through the store of
 * the edge, which validates, checks and writes. `BARE=payment` is for
 * `POST /v1/payments`: three EVALSHA, one after the other, over as many keys as
 * the claim, the debit of the sandbox ledger and the end of a payment have.
 *
 * @module
 */

import { serveBare, type Transact } from "./bare_handler.ts";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { transportOf } from "./redis_world.ts";

const TTL_MS = 400 * 86_400_000;
const REVISION = "k3yR3vision-0001";
const MARK = "1700000000";
/** As long as the names of the edge. */
const OWNER = "0".repeat(64);
const CREDENTIAL = "cred_00000000000000000000000000000000";

const kind = Deno.env.get("BARE") ?? "script";

const keysOf = (name: string) => ({
  record: `oc:{0}:verification:${OWNER}:${kind}-${name}`,
  revision: "oc:{0}:bucket-rev:1:bare",
  mark: `oc:{0}:mark:${CREDENTIAL}-${kind}-${name}`,
  blocked: `oc:{0}:blocked:${kind}-${name}`,
});

const GET_FOUR_SET_TWO = `
for k = 1, #KEYS do redis.call('GET', KEYS[k]) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[2])
return { 1 }
`;

const transport = transportOf(Deno.env.toObject());

const byScript: Transact = async (name, value) => {
  const keys = Object.values(keysOf(name));
  const reply = await transport.run(
    GET_FOUR_SET_TWO,
    keys,
    [value, `${TTL_MS}`, MARK],
  );
  return Array.isArray(reply) && reply[0] === 1;
};

async function byStore(): Promise<Transact> {
  const store = createRedisStore(transport);
  const { revision } = keysOf("");
  await store.txn({
    checks: [],
    writes: [{ kind: "set", key: revision, value: REVISION }],
  });
  return async (name, value) => {
    const { record, mark, blocked } = keysOf(name);
    const { committed } = await store.txn({
      checks: [
        { kind: "absent", key: record },
        { kind: "equals", key: revision, value: REVISION },
        // No mark is there before, so it stands for one that is low enough.
        { kind: "within", counter: mark, period: "0", delta: 0, max: 0 },
        { kind: "absent", key: blocked },
      ],
      writes: [
        { kind: "set", key: record, value, ttlMs: TTL_MS },
        { kind: "set", key: mark, value: MARK, ttlMs: TTL_MS },
      ],
    });
    return committed;
  };
}

const GET_ALL_SET_SOME = `
for k = 1, #KEYS do redis.call('GET', KEYS[k]) end
for a = 1, #ARGV do redis.call('SET', KEYS[a], ARGV[a], 'PX', '${TTL_MS}') end
return { 1 }
`;

/** Names and written ones of the three transactions of a payment. */
const PAYMENT = [
  { keys: 13, writes: 9 },
  { keys: 3, writes: 2 },
  { keys: 3, writes: 3 },
];

const payThrice: Transact = async (name, value) => {
  for (const [step, { keys, writes }] of PAYMENT.entries()) {
    const names = Array.from(
      { length: keys },
      (_, k) => `oc:{0}:order:mer_${"0".repeat(32)}:${name}-${step}-${k}`,
    );
    // Two records, the rest are short.
    const values = Array.from(
      { length: writes },
      (_, w) => w < 2 ? value : MARK,
    );
    const reply = await transport.run(GET_ALL_SET_SOME, names, values);
    if (!Array.isArray(reply) || reply[0] !== 1) return false;
  }
  return true;
};

if (kind === "payment") await serveBare(payThrice, "/v1/payments");
else await serveBare(kind === "store" ? await byStore() : byScript);
await transport.close();
Deno.exit(0);
