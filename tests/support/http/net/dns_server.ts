/**
 * A DNS server over UDP on 127.0.0.1 that answers what the test says at the
 * moment (RFC 1035), and keeps what it was asked.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { once } from "node:events";

/** What a name means. */
export interface Records {
  readonly A?: readonly string[];
  /** All eight groups, in full or `::1`. */
  readonly AAAA?: readonly string[];
  /** Another name, to which the records belong. */
  readonly CNAME?: string;
  /** No answer at all. */
  readonly isSilent?: true;
  /** No answer to questions of these kinds. */
  readonly silentFor?: readonly ("A" | "AAAA")[];
  /** An answer without records and with this code (RFC 1035 §4.1.1), by kind. */
  readonly codes?: { readonly A?: number; readonly AAAA?: number };
  /** How long an answer is under way, milliseconds. */
  readonly delayMs?: number;
}

/** A running server. */
export interface DnsServer extends AsyncDisposable {
  readonly nameServer: { readonly ipAddr: string; readonly port: number };
  /** By name without the dot at its end; others do not exist. */
  readonly records: Map<string, Records>;
  /** `name/type` of every question, in order. */
  readonly questions: readonly string[];
}

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;
const NO_SUCH_NAME = 3;

/** Starts a server that knows no name, on a free port unless one is given. */
export async function startDnsServer(port = 0): Promise<DnsServer> {
  const records = new Map<string, Records>();
  const questions: string[] = [];
  const delayed = new Set<ReturnType<typeof setTimeout>>();
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const { name, type, end } = readQuestion(message);
    const kind = type === TYPES.A ? "A" : type === TYPES.AAAA ? "AAAA" : null;
    questions.push(`${name}/${kind}`);
    const known = records.get(name);
    if (known?.isSilent) return;
    if (kind !== null && known?.silentFor?.includes(kind)) return;
    const code = known === undefined
      ? NO_SUCH_NAME
      : (kind !== null && known.codes?.[kind]) || 0;
    const answers = known && code === 0 ? encodeAnswers(known, type) : [];
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    // A response, recursion is there.
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    const answer = Buffer.concat([head, message.subarray(12, end), ...answers]);
    const send = () => socket.send(answer, from.port, from.address);
    if (known?.delayMs === undefined) return send();
    const timer = setTimeout(() => {
      delayed.delete(timer);
      send();
    }, known.delayMs);
    delayed.add(timer);
  });
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return {
    nameServer: { ipAddr: "127.0.0.1", port: socket.address().port },
    records,
    questions,
    async [Symbol.asyncDispose]() {
      for (const timer of delayed) clearTimeout(timer);
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

function readQuestion(
  message: Buffer,
): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (message[at]! > 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]!));
    at += 1 + message[at]!;
  }
  return {
    name: labels.join("."),
    type: message.readUInt16BE(at + 1),
    end: at + 5,
  };
}

function encodeName(name: string): Buffer {
  return Buffer.concat([
    ...name.split(".").map((it) =>
      Buffer.concat([Buffer.from([it.length]), Buffer.from(it)])
    ),
    Buffer.from([0]),
  ]);
}

function encodeAnswers(known: Records, type: number): Buffer[] {
  // A pointer to the question's name.
  let owner: Buffer = Buffer.from([0xc0, 12]);
  const answers: Buffer[] = [];
  const add = (of: number, data: Buffer) => {
    const head = Buffer.alloc(10);
    head.writeUInt16BE(of, 0);
    head.writeUInt16BE(1, 2);
    head.writeUInt32BE(60, 4);
    head.writeUInt16BE(data.length, 8);
    answers.push(Buffer.concat([owner, head, data]));
  };
  if (known.CNAME !== undefined) {
    add(TYPES.CNAME, encodeName(known.CNAME));
    owner = encodeName(known.CNAME);
  }
  if (type === TYPES.A) {
    for (const it of known.A ?? []) {
      add(type, Buffer.from(it.split(".").map(Number)));
    }
  }
  if (type === TYPES.AAAA) {
    for (const it of known.AAAA ?? []) add(type, encodeIpv6(it));
  }
  return answers;
}

function encodeIpv6(text: string): Buffer {
  const groups = text.replace("::", ":".repeat(9 - text.split(":").length + 1))
    .split(":").map((it) => parseInt(it || "0", 16));
  const bytes = Buffer.alloc(16);
  // Counted from the end: the missing ones are in front.
  groups.slice(-8).forEach((it, i, all) =>
    bytes.writeUInt16BE(it, 2 * (8 - all.length + i))
  );
  return bytes;
}
