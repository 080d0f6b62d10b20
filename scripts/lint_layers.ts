/**
 * The lint plugin that keeps the house in order: arrows between folders point
 * one way, entry files alone read the environment, `edge/base/clock.ts` alone reads
 * the clock and the random source, no file is a barrel or has a default export
 * without need, and no function is longer than a page. `deno lint` loads it
 * through `deno.json`.
 *
 * An arrow is an import of any kind, of types as well: what a file cannot name
 * it cannot depend on. Cycles need the whole graph; `scripts/ok.ts` looks for
 * them.
 *
 * @module
 */

import { arrowFault, ENTRIES } from "./layers.ts";

/** The one file of the tests that starts processes. */
const LIMITED_COMMAND = "tests/support/http/command.ts";

/** Lines of code that a function has at most, without blank ones and comments. */
const MOST_LINES = 70;

const root = new URL("../", import.meta.url).pathname;

/** Reports a fault, and says how it is mended. */
type Report = (node: Deno.lint.Node, message: string, hint?: string) => void;

/** A rule from a look at a file: its path from the top, and its context. */
function rule(
  look: (
    report: Report,
    path: string,
    context: Deno.lint.RuleContext,
  ) => Deno.lint.LintVisitor,
): Deno.lint.Rule {
  return {
    create(context) {
      const path = context.filename.replaceAll("\\", "/").replace(root, "");
      const report: Report = (node, message, hint) =>
        context.report({ node, message, ...(hint && { hint }) });
      return look(report, path, context);
    },
  };
}

/** A rule that refuses what selectors find, in the files that it is for. */
const refuse = (
  isFor: (path: string) => boolean,
  selectors: readonly string[],
  message: string,
  hint?: string,
) =>
  rule((report, path) =>
    isFor(path)
      ? {
        [selectors.join(", ")]: (node: Deno.lint.Node) =>
          report(node, message, hint),
      }
      : {}
  );

/** Finds `a.b`, however it is spelled. */
const member = (object: string, property: string) =>
  `MemberExpression:is([object.name="${object}"], [object.property.name="${object}"])` +
  `:is([property.name="${property}"], [property.value="${property}"])`;

const isInEdge = (path: string) => path.startsWith("edge/");

const SPECIFIER =
  ":is(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression) > Literal, " +
  "TSImportType > TSLiteralType > Literal";

const arrows = rule((report, path) => ({
  [SPECIFIER](node: Deno.lint.StringLiteral) {
    const fault = arrowFault(path, node.value);
    if (fault) report(node, fault);
  },
}));

// The built-in eqeqeq has no room for `== null`, which asks for both kinds of
// nothing at once.
const strictEquality = refuse(
  () => true,
  [
    'BinaryExpression[operator=/^[!=]=$/]:not([left.raw="null"], [right.raw="null"])',
  ],
  "Compare with === or !== except against null",
);

const noDefaultExport = refuse(
  // A declaration file says what others' modules export.
  (path) =>
    ![...ENTRIES, "scripts/lint_layers.ts"].includes(path) &&
    !path.endsWith(".d.ts"),
  ["ExportDefaultDeclaration", 'ExportSpecifier[exported.name="default"]'],
  "Export it by its name",
);

const limitedProcesses = refuse(
  (path) => path.startsWith("tests/") && path !== LIMITED_COMMAND,
  [member("Deno", "Command")],
  "A test's process may hang: it needs a time limit",
  `Use LimitedCommand of ${LIMITED_COMMAND}`,
);

const environment = refuse(
  (path) => isInEdge(path) && !ENTRIES.includes(path),
  [member("Deno", "env"), member("process", "env")],
  "Only an entry file reads the environment",
  "Take it as a parameter; edge/boot/config.ts has the names",
);

const ambient = refuse(
  (path) => isInEdge(path) && path !== "edge/base/clock.ts",
  [
    ...[member("Date", "now"), member("Math", "random")],
    ...[member("crypto", "getRandomValues"), member("crypto", "randomUUID")],
    // `Date()` is the current time as text, whatever its arguments.
    ":is(CallExpression, NewExpression[arguments.length=0])" +
    ':is([callee.name="Date"], [callee.property.name="Date"])',
    'ImportDeclaration[source.value="node:crypto"] > ImportSpecifier[imported.name=/^(r|getR)andom/]',
  ],
  "Only edge/base/clock.ts reads the clock and random source",
  "Take a Clock or a Random as a parameter",
);

const noBarrel = rule((report) => ({
  Program(node) {
    const forwards = node.body.every((it) =>
      it.type === "ImportDeclaration" || it.type === "ExportAllDeclaration" ||
      (it.type === "ExportNamedDeclaration" && !it.declaration)
    );
    const exports = node.body.some((it) => it.type.startsWith("Export"));
    if (!exports || !forwards) return;
    report(
      node,
      "A file that only passes on others' exports",
      "Import from the file that has the code",
    );
  },
}));

/**
 * Last words of names that hold a secret, or what gives one away when it is
 * compared byte by byte. Names of records end in `key`, too: only the keys that
 * somebody presents or computes with are meant.
 */
const SECRET =
  /(?:^|_)(?:hash(?:es)?|h?mac|tag|digest|seed|secret|token|signature|passw(?:or)?d|(?:payment|online)_code|(?:api|admin|master|merchant|wallet|private|signing|sealing|bearer)_key)$/;

/** Whether comparing with this tells only whether there is something, or of which kind or length. */
function isFixed(node: Deno.lint.Node): boolean {
  return /^(Literal|UnaryExpression|BinaryExpression)$/.test(node.type) ||
    (node.type === "TemplateLiteral" && node.expressions.length === 0) ||
    (node.type === "Identifier" && node.name === "undefined") ||
    (node.type === "MemberExpression" && node.property.type === "Identifier" &&
      node.property.name === "length");
}

// How long `===` takes tells how much of a guess was right.
const secretComparison = rule((report, path, { sourceCode }) => {
  if (!isInEdge(path)) return {};
  /** Whether a name in it is a secret's: `adminHash` is `admin_hash`. */
  const isSecret = (node: Deno.lint.Node) =>
    sourceCode.getText(node).match(/[$\w]+/g)?.some((it) =>
      SECRET.test(it.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase())
    );
  const look = (node: Deno.lint.Node, sides: Deno.lint.Node[]) => {
    if (sides.some(isFixed) || !sides.some(isSecret)) return;
    report(
      node,
      "Compare secrets in constant time",
      "timingSafeEqual of @std/crypto, or a name that is no secret's",
    );
  };
  return {
    BinaryExpression(node) {
      if (/^[!=]==?$/.test(node.operator)) look(node, [node.left, node.right]);
    },
    "CallExpression[callee.property.name=/^(equals|localeCompare)$/]"(node) {
      look(node, [node.callee.object, ...node.arguments]);
    },
    'CallExpression[callee.property.name="compare"]'(node) {
      look(node, node.arguments);
    },
  };
});

/** A source with spaces for its comments. */
function withoutComments(source: Deno.lint.SourceCode): string {
  let { text } = source;
  for (const { range: [from, to] } of source.getAllComments()) {
    const spaces = text.slice(from, to).replace(/[^\n]/g, " ");
    text = text.slice(0, from) + spaces + text.slice(to);
  }
  return text;
}

const functionLength = rule((report, _path, { sourceCode }) => {
  const code = withoutComments(sourceCode);
  return {
    ":is(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)"(
      node: Deno.lint.Node,
    ) {
      const lines = code.slice(...node.range).match(/^.*\S/gm)!.length;
      if (lines <= MOST_LINES) return;
      report(
        node,
        `A function has ${lines} lines of code, ${MOST_LINES} are allowed`,
        "Make functions of its parts",
      );
    },
  };
});

// Records are read and written by their places, committed by `commit`, and tried again by `retry`.
const records = refuse(
  (path) => isInEdge(path) && !path.startsWith("edge/store/"),
  [
    // The kinds of writes and checks, but `absent`, which is a word of others, too.
    'Property[key.name="kind"] ' +
    "Literal[value=/^(set|delete|add|(un)?index|equals|below|above|within|empty|never)$/]",
    'CallExpression[callee.property.name="txn"]',
    ':is(TSAsExpression, TSTypeAssertion) > CallExpression[callee.object.name="JSON"]',
    ":is(ForStatement, WhileStatement, DoWhileStatement) > BinaryExpression " +
    "Identifier[name=/tries|attempts/i]",
  ],
  "Only edge/store/ does this by hand",
  "Use record.ts, commit.ts and retry.ts there",
);

const plugin: Deno.lint.Plugin = {
  name: "offcode",
  rules: {
    ...{ arrows, environment, ambient, records },
    "strict-equality": strictEquality,
    "secret-comparison": secretComparison,
    "no-barrel": noBarrel,
    "no-default-export": noDefaultExport,
    "limited-processes": limitedProcesses,
    "function-length": functionLength,
  },
};

export default plugin;
