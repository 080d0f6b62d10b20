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
import { LONG_FUNCTIONS, MOST_LINES } from "./long_functions.ts";

const DEFAULT_EXPORTS = [...ENTRIES, "scripts/lint_layers.ts"];

/** The one file of the tests that starts processes. */
const LIMITED_COMMAND = "tests/support/http/command.ts";

const root = new URL("../", import.meta.url).pathname;

/** The functions that may be longer than {@linkcode MOST_LINES}. */
const LIST = "scripts/long_functions.ts";

/** The path from the top of the repository, with forward slashes. */
function repositoryPath(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  return path.startsWith(root) ? path.slice(root.length) : path;
}

type Literal = { readonly value: unknown };

/** Calls `see` with the node and the text of every specifier in a file. */
function eachImport(
  see: (node: Deno.lint.Node, specifier: string) => void,
): Deno.lint.LintVisitor {
  const look = (node: Deno.lint.Node, source: unknown) => {
    const value = (source as Literal | null)?.value;
    if (typeof value === "string") see(node, value);
  };
  return {
    ImportDeclaration: (node) => look(node, node.source),
    ExportNamedDeclaration: (node) => look(node, node.source),
    ExportAllDeclaration: (node) => look(node, node.source),
    ImportExpression: (node) => look(node, node.source),
    TSImportType: (node) => {
      const { argument } = node;
      look(
        node,
        argument.type === "TSLiteralType" ? argument.literal : argument,
      );
    },
  };
}

/** The `a.b` of a member expression without computed parts, or nothing. */
function dotted(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return undefined;
  const object = dotted(node.object);
  const property = node.property.type === "Identifier" && !node.computed
    ? node.property.name
    : (node.property as Partial<Literal>).value;
  if (!object || !property) return undefined;
  return object === "globalThis" ? `${property}` : `${object}.${property}`;
}

const AMBIENT = [
  "Date.now",
  "Math.random",
  "crypto.getRandomValues",
  "crypto.randomUUID",
];

const AMBIENT_NODE_CRYPTO = [
  "getRandomValues",
  "randomBytes",
  "randomFill",
  "randomFillSync",
  "randomInt",
  "randomUUID",
];

/**
 * Last words of names that hold a secret, or what gives one away when it is
 * compared byte by byte. Names of records end in `key`, too: only the keys that
 * somebody presents or computes with are meant.
 */
const SECRET =
  /(?:^|_)(?:hash(?:es)?|h?mac|tag|digest|seed|secret|token|signature|passw(?:or)?d|(?:payment|online)_code|(?:api|admin|master|merchant|wallet|private|signing|sealing|bearer)_key)$/;

/** `adminHash`, `caller.keyHash`, `encode(tag)` → `admin_hash` and so on. */
function wordsOf(node: Deno.lint.Node): string {
  switch (node.type) {
    case "Identifier":
      return node.name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
    case "MemberExpression":
      return node.computed ? wordsOf(node.object) : wordsOf(node.property);
    case "CallExpression":
      return node.arguments.map(wordsOf).find((it) => SECRET.test(it)) ??
        wordsOf(node.callee);
    case "TSNonNullExpression":
    case "TSAsExpression":
    case "ChainExpression":
      return wordsOf(node.expression);
    case "AwaitExpression":
      return wordsOf(node.argument);
    default:
      return "";
  }
}

/** Whether comparing with this tells only whether there is something, or of which kind. */
function isFixed(node: Deno.lint.Node): boolean {
  return node.type === "Literal" || node.type === "UnaryExpression" ||
    (node.type === "TemplateLiteral" && node.expressions.length === 0) ||
    (node.type === "Identifier" && node.name === "undefined");
}

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

/** The text of a literal or of a template, whose values are left out. */
function textOf(node: Deno.lint.Node | undefined): string | undefined {
  if (node?.type === "Literal") return `${node.value}`;
  if (node?.type !== "TemplateLiteral") return undefined;
  return node.quasis.map((it) => it.cooked).join("…");
}

/**
 * What a function is called: its own name, or that of the variable, property or
 * method that holds it, or the first text of the call that it is given to, which
 * is a test's name. One without any of these is `undefined`: it belongs to the
 * function around it.
 */
function functionName(node: FunctionNode): string | undefined {
  if ("id" in node && node.id) return node.id.name;
  const { parent } = node;
  switch (parent.type) {
    case "VariableDeclarator":
      return parent.id.type === "Identifier" ? parent.id.name : undefined;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return wordOf(parent.key);
    case "CallExpression":
      return textOf(parent.arguments[0]);
    default:
      return undefined;
  }
}

function wordOf(key: Deno.lint.Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "PrivateIdentifier" ? `#${key.name}` : textOf(key);
}

/** A source with spaces for its comments. */
function withoutComments(source: Deno.lint.SourceCode): string {
  let from = 0;
  const parts: string[] = [];
  for (const { range } of source.getAllComments()) {
    parts.push(source.text.slice(from, range[0]));
    parts.push(source.text.slice(...range).replace(/[^\n]/g, " "));
    from = range[1];
  }
  return [...parts, source.text.slice(from)].join("");
}

/** Files that the list names and nobody has. */
function missingFiles(): string[] {
  return Object.keys(LONG_FUNCTIONS).filter((path) => {
    try {
      return !Deno.statSync(`${root}${path}`).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
  });
}

function linesOfCode(code: string): number {
  return code.split("\n").filter((it) => it.trim() !== "").length;
}

/** What is wrong with the length of a function, which may be listed with one. */
function lengthFault(
  name: string,
  lines: number,
  listed?: number,
): string | undefined {
  const has = `${name} has ${lines} lines of code`;
  if (lines > (listed ?? MOST_LINES)) {
    return `${has}, ${
      listed ?? MOST_LINES
    } are allowed: make functions of its parts`;
  }
  if (listed === undefined || lines === listed) return undefined;
  return lines > MOST_LINES
    ? `${has}: write ${lines} in place of ${listed} in ${LIST}`
    : `${has}: take it out of ${LIST}`;
}

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
    create: (context) =>
      look(
        (node, message, hint) =>
          context.report({ node, message, ...(hint && { hint }) }),
        repositoryPath(context.filename),
        context,
      ),
  };
}

const NOTHING: Deno.lint.LintVisitor = {};

const arrows = rule((report, path) =>
  eachImport((node, specifier) => {
    const fault = arrowFault(path, specifier);
    if (fault) report(node, fault);
  })
);

const importMap = rule((report) =>
  eachImport((node, specifier) => {
    if (/^(npm|jsr|https?):/.test(specifier)) {
      report(node, "Name the package in import_map.json and import that");
    }
  })
);

// The built-in eqeqeq has no room for `== null`, which asks for both kinds of
// nothing at once.
const strictEquality = rule((report) => {
  const isNull = (node: Deno.lint.Node) =>
    node.type === "Literal" && node.value === null;
  return {
    BinaryExpression(node) {
      if (node.operator !== "==" && node.operator !== "!=") return;
      if (isNull(node.left) || isNull(node.right)) return;
      report(node, `Compare with ${node.operator}= except against null`);
    },
  };
});

// How long `===` takes tells how much of a guess was right.
const secretComparison = rule((report, path) => {
  if (!path.startsWith("edge/")) return NOTHING;
  const look = (node: Deno.lint.Node, sides: Deno.lint.Node[]) => {
    if (sides.some(isFixed)) return;
    if (!sides.some((it) => SECRET.test(wordsOf(it)))) return;
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
    CallExpression(node) {
      const { callee } = node;
      if (
        callee.type !== "MemberExpression" ||
        callee.property.type !== "Identifier"
      ) return;
      const how = callee.property.name;
      if (how === "equals" || how === "localeCompare") {
        look(node, [callee.object, ...node.arguments]);
      } else if (how === "compare") look(node, node.arguments);
    },
  };
});

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

const noDefaultExport = rule((report, path) => {
  // A declaration file says what others' modules export.
  if (DEFAULT_EXPORTS.includes(path) || path.endsWith(".d.ts")) return NOTHING;
  const tell = (node: Deno.lint.Node) => report(node, "Export it by its name");
  return {
    ExportDefaultDeclaration: tell,
    ExportSpecifier(node) {
      const { exported } = node;
      if (exported.type === "Identifier" && exported.name === "default") {
        tell(node);
      }
    },
  };
});

const limitedProcesses = rule((report, path) => {
  if (!path.startsWith("tests/") || path === LIMITED_COMMAND) return NOTHING;
  return {
    NewExpression(node) {
      if (dotted(node.callee) !== "Deno.Command") return;
      report(
        node,
        "A test's process may hang: it needs a time limit",
        `Use LimitedCommand of ${LIMITED_COMMAND}`,
      );
    },
  };
});

const functionLength = rule((report, path, context) => {
  const code = withoutComments(context.sourceCode);
  // Two functions may have one name: what is listed is the longest.
  const longest = new Map<string, { node: FunctionNode; lines: number }>();
  const look = (node: FunctionNode) => {
    const name = functionName(node);
    if (name === undefined) return;
    const lines = linesOfCode(code.slice(...node.range));
    if (lines > (longest.get(name)?.lines ?? 0)) {
      longest.set(name, { node, lines });
    }
  };
  return {
    FunctionDeclaration: look,
    FunctionExpression: look,
    ArrowFunctionExpression: look,
    "Program:exit"(program) {
      const listed = new Map(Object.entries(LONG_FUNCTIONS[path] ?? {}));
      for (const [name, { node, lines }] of longest) {
        const message = lengthFault(name, lines, listed.get(name));
        listed.delete(name);
        if (message) report(node, message);
      }
      const gone = [...listed.keys()].map((it) => `${path} has no ${it}`);
      if (path === LIST) {
        gone.push(...missingFiles().map((it) => `There is no ${it}`));
      }
      for (const it of gone) report(program, `${it}: take it out of ${LIST}`);
    },
  };
});

const environment = rule((report, path) => {
  if (!path.startsWith("edge/") || ENTRIES.includes(path)) return NOTHING;
  return {
    MemberExpression(node) {
      const name = dotted(node);
      if (name !== "Deno.env" && name !== "process.env") return;
      report(
        node,
        "Only an entry file reads the environment",
        "Take it as a parameter; edge/boot/config.ts has the names",
      );
    },
  };
});

const ambient = rule((report, path) => {
  if (!path.startsWith("edge/") || path === "edge/base/clock.ts") {
    return NOTHING;
  }
  const tell = (node: Deno.lint.Node) =>
    report(
      node,
      "Only edge/base/clock.ts reads the clock and random source",
      "Take a Clock or a Random as a parameter",
    );
  return {
    MemberExpression(node) {
      if (AMBIENT.includes(dotted(node) ?? "")) tell(node);
    },
    NewExpression(node) {
      if (dotted(node.callee) === "Date" && node.arguments.length === 0) {
        tell(node);
      }
    },
    CallExpression(node) {
      // `Date()` is the current time as text, whatever its arguments.
      if (dotted(node.callee) === "Date") tell(node);
    },
    ImportSpecifier(node) {
      const { parent, imported } = node;
      const isCrypto = parent.type === "ImportDeclaration" &&
        parent.source.value === "node:crypto";
      if (
        isCrypto && imported.type === "Identifier" &&
        AMBIENT_NODE_CRYPTO.includes(imported.name)
      ) tell(node);
    },
  };
});

const plugin: Deno.lint.Plugin = {
  name: "offcode",
  rules: {
    arrows,
    environment,
    ambient,
    "import-map": importMap,
    "strict-equality": strictEquality,
    "secret-comparison": secretComparison,
    "no-barrel": noBarrel,
    "no-default-export": noDefaultExport,
    "limited-processes": limitedProcesses,
    "function-length": functionLength,
  },
};

export default plugin;
