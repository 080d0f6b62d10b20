/**
 * The pages of the repository lead where they say. Every relative link in a
 * `*.md` file must name a file of the repository, and its anchor a heading of
 * that page. Anchors are made as GitHub makes them from headings.
 */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** Folders that hold no pages of the project. */
const OTHERS = new Set(["node_modules", "data", ".git"]);

/** Paths of all pages below a folder, relative to the repository. */
async function listPages(folder = ""): Promise<string[]> {
  const pages: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder || ".", ROOT))) {
    const path = folder + entry.name;
    if (entry.isFile && path.endsWith(".md")) pages.push(path);
    if (entry.isDirectory && !OTHERS.has(entry.name)) {
      pages.push(...await listPages(`${path}/`));
    }
  }
  return pages;
}

/** The text without blocks of code, where neither links nor headings begin. */
function withoutCode(page: string): string {
  return page.replace(/^ *(`{3,})[^\n]*\n[\s\S]*?^ *\1`*$/gm, "");
}

/** The anchors of a page: a heading that comes again has a number behind it. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutCode(page).matchAll(/^#{1,6} +(.+)$/gm)) {
    const base = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .trim().replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
    let anchor = base;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${base}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The targets of links and of reference definitions, code left out. */
function linksOf(page: string): string[] {
  const text = withoutCode(page).replace(/(`+)(?:(?!\1)[\s\S])+\1/g, "code");
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)[^)]*\)/g);
  const defined = text.matchAll(/^ *\[[^\]]+\]: *<?([^\s>]+)/gm);
  return [...inline, ...defined].map((found) => found[1]!);
}

/** Why a link leads nowhere; undefined where it leads somewhere. */
async function findFault(page: string, link: string) {
  const target = new URL(link, new URL(page, ROOT));
  const anchor = decodeURIComponent(target.hash.slice(1));
  target.hash = "";
  if (!target.href.startsWith(ROOT.href)) return "it leaves the repository";
  try {
    const { isFile } = await Deno.stat(target);
    if (!anchor || !isFile) return anchor ? "no page" : undefined;
    const known = anchorsOf(await Deno.readTextFile(target)).has(anchor);
    return known ? undefined : "no such heading";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no such file";
    throw error;
  }
}

Deno.test("every relative link of a page leads to a file and a heading", async () => {
  const faults: string[] = [];
  let count = 0;
  for (const page of await listPages()) {
    for (const link of linksOf(await Deno.readTextFile(new URL(page, ROOT)))) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue;
      count++;
      const fault = await findFault(page, link);
      if (fault) faults.push(`${page}: ${link}: ${fault}`);
    }
  }
  assertEquals(faults, []);
  assertEquals(count > 20, true, "links are found at all");
});

Deno.test("a link to a file or a heading that is not there is a fault", async () => {
  assertEquals(
    [
      await findFault("README.md", "SECURITY.md"),
      await findFault("README.md", "no_page.md"),
      await findFault("README.md", "#no-such-heading"),
      await findFault("README.md", "../else.md"),
    ],
    [undefined, "no such file", "no such heading", "it leaves the repository"],
  );
});

Deno.test("an anchor is the heading as GitHub spells it", () => {
  const page = "# A `b`, c\n## A b c\n```sh\n# no heading\n```\n### Ä_1-2\n";
  assertEquals([...anchorsOf(page)], ["a-b-c", "a-b-c-1", "ä_1-2"]);
});

Deno.test("links in code are none", () => {
  const page = "[a](x.md#y) `[b](z.md)`\n```\n[c](w.md)\n```\n[d]: v.md\n";
  assertEquals(linksOf(page), ["x.md#y", "v.md"]);
});

Deno.test("edge/README.md says of each folder of edge/ what it decides", async () => {
  const page = await Deno.readTextFile(new URL("edge/README.md", ROOT));
  const listed = [...page.matchAll(/^\| `([a-z_]+)\/` /gm)].map(([, it]) =>
    it!
  );
  const folders: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL("edge", ROOT))
  ) {
    if (isDirectory) folders.push(name);
  }
  assertEquals(listed.toSorted(), folders.sort());
});
